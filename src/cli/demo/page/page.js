// The demo page: asks the two apps behind the same gateway and shows what came back.
const byId = (id) => document.getElementById(id);
const port = location.port === '' ? '' : `:${location.port}`;
const app = `${location.protocol}//app.localhost${port}`;
const api = `${location.protocol}//api.localhost${port}`;
const LIE = '203.0.113.7';

/** A text in both languages; style.css shows the chosen one. */
function both(en, zh) {
  return [
    ['en', en],
    ['zh', zh],
  ].map(([lang, text]) => Object.assign(document.createElement('span'), { lang, textContent: text }));
}

function choose(language) {
  document.documentElement.lang = language;
  document.title = language === 'zh' ? '门神 Menshen · 演示' : '门神 Menshen · Demo';
}

function showThisPage() {
  const [navigation] = performance.getEntriesByType('navigation');
  byId('origin').textContent = location.origin;
  byId('protocol').textContent = navigation?.nextHopProtocol || '?';
  const names = performance.getEntriesByType('resource').filter(({ name }) => name.startsWith(`${location.origin}/`));
  byId('files').textContent = ['index.html', ...new Set(names.map(({ name }) => name.split('/').at(-1)))].join(', ');
}

/** Which field lines can only come from the gateway. */
const isFromGateway = (name) => /^(x-forwarded-|forwarded$|client-cert|via$|x-real-ip$)/i.test(name);

function fieldRow([name, value]) {
  const row = document.createElement('tr');
  const fromGateway = isFromGateway(name);
  row.className = fromGateway ? 'gateway' : '';
  for (const text of [name, value]) row.append(Object.assign(document.createElement('td'), { textContent: text }));
  const from = document.createElement('td');
  from.append(...(fromGateway ? both('gateway', '网关') : both('browser', '浏览器')));
  row.append(from);
  return row;
}

async function showSeenRequest() {
  const response = await fetch(`${app}/seen?by=page`, { headers: { 'X-Forwarded-For': LIE } });
  const seen = await response.json();
  byId('request-line').textContent = seen.requestLine;
  byId('fields').replaceChildren(...seen.fields.map(fieldRow));
  const told = seen.fields.filter(([name]) => name.toLowerCase() === 'x-forwarded-for').map(([, value]) => value);
  const honest = told.length === 1 && !told[0].includes(LIE);
  byId('verdict').className = honest ? 'good' : 'bad';
  byId('verdict').replaceChildren(
    ...(honest
      ? both(`The app was told the truth: ${told[0]}.`, `应用得到的是真实地址：${told[0]}。`)
      : both('The lie reached the app.', '谎言传到了应用。')),
  );
}

function showClock() {
  const clock = new EventSource(`${api}/clock`);
  let count = 0;
  clock.addEventListener('message', ({ data }) => {
    count += 1;
    const time = new Date(data).toLocaleTimeString();
    byId('clock').replaceChildren(...both(`${time} · event ${count}`, `${time} · 第 ${count} 个事件`));
  });
  clock.addEventListener('error', () => byId('clock').replaceChildren(...both('connecting again …', '正在重新连接……')));
}

function showEcho() {
  const socket = new WebSocket(`${api.replace('http', 'ws')}/echo`);
  let sentAt = 0;
  const send = () => {
    const words = byId('words').value;
    if (socket.readyState !== WebSocket.OPEN || words === '') return;
    sentAt = performance.now();
    socket.send(words);
  };
  socket.addEventListener('open', send);
  socket.addEventListener('message', ({ data }) => {
    const text = `${data} · ${(performance.now() - sentAt).toFixed(1)} ms`;
    byId('echo').replaceChildren(...both(text, text));
  });
  socket.addEventListener('close', () =>
    byId('echo').replaceChildren(...both('closed: reload the page', '连接已关闭：请刷新页面')),
  );
  byId('say').addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
}

choose(navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');
byId('language').addEventListener('click', () => choose(document.documentElement.lang === 'zh' ? 'en' : 'zh'));
showClock();
showEcho();
showSeenRequest().catch((error) => {
  byId('verdict').className = 'bad';
  byId('verdict').replaceChildren(
    ...both(`The first app could not be asked: ${error.message}`, `无法访问第一个应用：${error.message}`),
  );
});
if (document.readyState === 'complete') showThisPage();
else addEventListener('load', () => setTimeout(showThisPage));
