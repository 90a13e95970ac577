import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseListeningSockets, userNameOf } from '../../../src/gateway/listen/proc-net.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                       \n';
// A listener on 127.0.0.1:8080, an established connection from port 8080, a listener on 0.0.0.0:80.
const tcp = [
  '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000000000000000 100 0 0 10 0',
  '   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12346 1 0000000000000000 20 4 30 10 -1',
  '   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0000000000000000 100 0 0 10 0',
].join('\n');
const tcp6 =
  '   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4242 1 0000000000000000 100 0 0 10 0';

test('only sockets that listen on the port are found', () => {
  assert.deepEqual(parseListeningSockets(`${head}${tcp}\n`, 8080), [{ inode: '12345', uid: 1000 }]);
  assert.deepEqual(parseListeningSockets(`${head}${tcp}\n`, 80), [{ inode: '777', uid: 0 }]);
  assert.deepEqual(parseListeningSockets(`${head}${tcp6}\n`, 8080), [{ inode: '4242', uid: 33 }]);
  assert.deepEqual(parseListeningSockets(`${head}${tcp}\n`, 0x0a), []);
  assert.deepEqual(parseListeningSockets('', 80), []);
});

test('a table that is cut anywhere does not throw and finds nothing false', () => {
  for (let end = 0; end <= tcp.length; end += 1) {
    for (const { inode } of parseListeningSockets(tcp.slice(0, end), 8080)) assert.ok('12345'.startsWith(inode));
  }
  fc.assert(fc.property(fc.string(), fc.nat(65_535), (text, port) => void parseListeningSockets(text, port)));
});

test('users are named as /etc/passwd does', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n';
  assert.equal(userNameOf(passwd, 33), 'www-data');
  assert.equal(userNameOf(passwd, 1000), '1000');
  assert.equal(userNameOf('', 0), '0');
});
