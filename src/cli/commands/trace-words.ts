import type { Language } from '../../story/catalog.ts';

/** What `menshen trace` says about its options. */
export interface TraceWords {
  readonly describe: string;
  readonly url: string;
  readonly page: string;
  readonly repeat: string;
  readonly json: string;
  readonly har: string;
  readonly html: string;
  readonly pcapng: string;
  readonly keylog: string;
  readonly verbose: string;
  readonly resolve: string;
  readonly connect: string;
  readonly cacert: string;
  readonly insecure: string;
  readonly cert: string;
  readonly key: string;
  readonly password: string;
  readonly tls12: string;
  readonly tls13: string;
  readonly http11: string;
  readonly http2: string;
  readonly header: string;
  readonly method: string;
  readonly data: string;
  readonly noFollow: string;
  readonly packets: string;
  readonly noPackets: string;
  readonly maxTime: string;
  readonly fail: string;
  readonly iterative: string;
  readonly server: string;
  readonly revocation: string;
  readonly noFetch: string;
  readonly noCache: string;
  readonly showSecrets: string;
  readonly lang: string;
}

export const traceWords: Readonly<Record<Language, TraceWords>> = {
  en: {
    describe: 'make one HTTPS request and tell every layer of it: name, TCP, TLS, certificate, HTTP, close',
    url: 'https://… (or http://…; without a scheme https:// is meant)',
    page: 'fetch the css, js, images and fonts of the page as well',
    repeat: 'ask a second time: cached name, resumed session, conditional request',
    json: 'everything as one JSON value (docs/trace.schema.json)',
    har: 'write an HTTP Archive (HAR 1.2)',
    html: 'write one self-contained page with waterfall and ladder',
    pcapng: 'write the packets, or what passed as packets, with the secrets that decrypt them',
    keylog: 'write the TLS secrets (NSS key log): whoever has them can read this traffic',
    verbose: 'every field with its octets',
    resolve: 'HOST:PORT:ADDR[,ADDR]: where that host is, without asking; repeatable',
    connect: 'ADDR[:PORT]: connect to this, whatever the name says',
    cacert: 'trust this PEM file, folder or store instead of the system; repeatable',
    insecure: 'go on although the certificate is not to be trusted',
    cert: 'client certificate, PEM or PKCS#12; shown only to a server that was judged first',
    key: 'its key, where that is a file of its own',
    password: 'password of key or PKCS#12',
    tls12: 'offer TLS 1.2 only',
    tls13: 'offer TLS 1.3 only',
    http11: 'offer HTTP/1.1 only',
    http2: 'offer HTTP/2 only',
    header: 'a request field, as in curl; repeatable',
    method: 'the method',
    data: 'request content (POST), @FILE from a file',
    noFollow: 'do not follow redirects',
    packets: 'capture the real packets (root or CAP_NET_RAW, tcpdump)',
    noPackets: 'do not try to capture',
    maxTime: 'seconds for everything',
    fail: 'a status of 400 and more is a failure',
    iterative: 'resolve the name from the root servers down',
    server: 'ADDR[:PORT]: ask this name server',
    revocation: 'off, soft or hard, as in verify',
    noFetch: 'fetch no missing issuers, OCSP answers or CRLs',
    noCache: 'no names, OCSP answers or CRLs from before',
    showSecrets: 'show Authorization, Cookie and Set-Cookie as they are',
    lang: 'en or zh',
  },
  zh: {
    describe: '发出一次 HTTPS 请求并讲清每一层：域名、TCP、TLS、证书、HTTP、关闭',
    url: 'https://…（或 http://…；不写协议时视为 https://）',
    page: '同时获取页面的 css、js、图片和字体',
    repeat: '再请求一次：缓存的域名、恢复的会话、条件请求',
    json: '以一个 JSON 值输出全部内容（docs/trace.schema.json）',
    har: '写出 HTTP 存档（HAR 1.2）',
    html: '写出一个自包含的网页，含瀑布图和梯形图',
    pcapng: '写出数据包（或以数据包形式写出所经字节），并附解密所需的密钥',
    keylog: '写出 TLS 密钥（NSS key log）：持有者可以读出这些流量',
    verbose: '显示每个字段及其字节',
    resolve: 'HOST:PORT:ADDR[,ADDR]：直接指定该主机的地址；可重复',
    connect: 'ADDR[:PORT]：无论域名如何，都连接到这里',
    cacert: '信任此 PEM 文件、文件夹或信任库，而不是系统；可重复',
    insecure: '证书不可信时仍继续',
    cert: '客户端证书，PEM 或 PKCS#12；只会出示给事先判断过的服务器',
    key: '其私钥（若为单独的文件）',
    password: '私钥或 PKCS#12 的密码',
    tls12: '只提供 TLS 1.2',
    tls13: '只提供 TLS 1.3',
    http11: '只提供 HTTP/1.1',
    http2: '只提供 HTTP/2',
    header: '请求字段，写法同 curl；可重复',
    method: '请求方法',
    data: '请求内容（POST），@FILE 表示来自文件',
    noFollow: '不跟随重定向',
    packets: '捕获真实的数据包（需要 root 或 CAP_NET_RAW，以及 tcpdump）',
    noPackets: '不尝试捕获',
    maxTime: '全部过程的秒数上限',
    fail: '状态码 400 及以上视为失败',
    iterative: '从根服务器开始逐级解析域名',
    server: 'ADDR[:PORT]：询问此域名服务器',
    revocation: 'off、soft 或 hard，同 verify',
    noFetch: '不获取缺失的颁发者、OCSP 应答或 CRL',
    noCache: '不使用先前的域名、OCSP 应答或 CRL',
    showSecrets: '原样显示 Authorization、Cookie 和 Set-Cookie',
    lang: 'en 或 zh',
  },
};
