import type { Catalog } from '../catalog.ts';

/** Why a port could not be opened. `{option}` is the flag that chooses the port, `{holder}` a program's name. */
export const listenCatalog = {
  'port-taken': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Port {port} is already taken by {holder} (process {pid}).',
      mend: 'Stop it (its service, or `kill {pid}`); or choose another port here with {option}; or move it to another port and name that as an app of a site, so that this gateway stands in front of it.',
    },
    zh: {
      cause: '端口 {port} 已被 {holder}（进程 {pid}）占用。',
      mend: '请停止该程序（停止其服务，或执行 `kill {pid}`）；或用 {option} 选择其他端口；或让该程序改用其他端口，并把它配置为某个站点的应用，由本网关挡在它前面。',
    },
  },
  'port-taken-by-user': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Port {port} is already taken by a process of user {user}, which this user may not look at.',
      mend: 'Find it with `sudo ss -ltnp sport = :{port}` and stop it; or choose another port here with {option}; or move it to another port and name that as an app of a site, so that this gateway stands in front of it.',
    },
    zh: {
      cause: '端口 {port} 已被用户 {user} 的某个进程占用，当前用户无权查看该进程。',
      mend: '请用 `sudo ss -ltnp sport = :{port}` 找到并停止它；或用 {option} 选择其他端口；或让该程序改用其他端口，并把它配置为某个站点的应用，由本网关挡在它前面。',
    },
  },
  'port-taken-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Port {port} is already taken by another process.',
      mend: 'Find out which and stop it; or choose another port here with {option}; or move it to another port and name that as an app of a site, so that this gateway stands in front of it.',
    },
    zh: {
      cause: '端口 {port} 已被其他进程占用。',
      mend: '请找出并停止该进程；或用 {option} 选择其他端口；或让该程序改用其他端口，并把它配置为某个站点的应用，由本网关挡在它前面。',
    },
  },
  'port-forbidden': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'This user may not open port {port}: ports below {firstFree} need a permission.',
      mend: 'Give it to Node (`sudo setcap cap_net_bind_service=+ep {node}`) or to every program (`sudo sysctl net.ipv4.ip_unprivileged_port_start={port}`); or let systemd open the port and hand it over (a .socket unit); or use a free port with {option}.',
    },
    zh: {
      cause: '当前用户无权打开端口 {port}：低于 {firstFree} 的端口需要权限。',
      mend: '请把权限授予 Node（`sudo setcap cap_net_bind_service=+ep {node}`），或授予所有程序（`sudo sysctl net.ipv4.ip_unprivileged_port_start={port}`）；或由 systemd 打开端口后移交（.socket 单元）；或用 {option} 选择其他端口。',
    },
  },
  'address-not-here': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'This machine does not have the address {host}. It has: {addresses}.',
      mend: 'Listen on one of these, or leave the host out to listen on all.',
    },
    zh: {
      cause: '本机没有地址 {host}。本机的地址有：{addresses}。',
      mend: '请监听其中之一，或不指定主机以监听所有地址。',
    },
  },
  'listen-host-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The host to listen on, {host}, is neither an IP address nor a name that has one.',
      mend: 'Give an address of this machine, or leave the host out to listen on all.',
    },
    zh: {
      cause: '要监听的主机 {host} 既不是 IP 地址，也不是能解析出地址的名称。',
      mend: '请填写本机的地址，或不指定主机以监听所有地址。',
    },
  },
  'listen-failed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Port {port} of {host} could not be opened: the system says {detail}.',
      mend: 'Check the address and port, and the limits of this process.',
    },
    zh: {
      cause: '无法打开 {host} 的端口 {port}：系统返回 {detail}。',
      mend: '请检查地址和端口，以及本进程的资源限制。',
    },
  },
  'inherited-socket-unusable': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The inherited socket {name} (descriptor {fd}) cannot be listened on: {detail}.',
      mend: 'Hand over stream sockets only (ListenStream= in the .socket unit).',
    },
    zh: {
      cause: '无法监听继承的套接字 {name}（描述符 {fd}）：{detail}。',
      mend: '只应移交流式套接字（.socket 单元中的 ListenStream=）。',
    },
  },
  'inherited-socket-unclear': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'It is not clear whether the inherited socket {name} (port {port}) is for HTTPS or for plain HTTP.',
      mend: 'Name it in the .socket unit: FileDescriptorName=https or FileDescriptorName=http.',
    },
    zh: {
      cause: '无法判断继承的套接字 {name}（端口 {port}）用于 HTTPS 还是明文 HTTP。',
      mend: '请在 .socket 单元中命名：FileDescriptorName=https 或 FileDescriptorName=http。',
    },
  },
} as const satisfies Catalog;
