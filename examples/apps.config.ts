// Several apps behind several names, each with its own way of being reached.
import { defineConfig } from 'menshen';

export default defineConfig({
  email: 'ops@example.com',
  sites: {
    'someapp.example.com': 'http://127.0.0.1:8000',
    'api.example.com': ['127.0.0.1:8080', '127.0.0.1:8081'],
    '*.example.com': 'unix:/run/tenants.sock',
    'uploads.example.com': { to: 3000, timeouts: { requestContentIdle: '5m' }, limits: { requestContent: '2GiB' } },
  },
});
