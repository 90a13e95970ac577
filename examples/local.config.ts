// At a desk: no privileges, names under .localhost, certificates of the local CA (`menshen trust` makes browsers accept
// them).
import { defineConfig } from 'menshen';

export default defineConfig({
  listen: { host: ['127.0.0.1', '::1'], https: 8443, http: 8080 },
  sites: {
    'app.localhost': 3000,
    'api.localhost': 'unix:./api.sock',
    'www.localhost': { root: '.', fallback: 3000 },
  },
});
