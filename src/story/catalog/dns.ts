import type { Catalog } from '../catalog.ts';

/** What the name stage can come to: resolving, asking authoritative servers, updating zones, answering challenges. */
export const dnsCatalog = {
  // Resolving a name.
  'dns-name-not-found': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name {name} does not exist: {authority} says so (NXDOMAIN).',
      mend: 'Check the spelling; if the name is yours, add a record for it to the zone and wait {seconds} s: for so long name servers may remember that there was none.',
    },
    zh: {
      cause: '名称 {name} 不存在：{authority} 这样回答（NXDOMAIN）。',
      mend: '请检查拼写；如果这是你的名称，请在区域中为它添加记录，并等待 {seconds} 秒（否定回答可能被缓存这么久）。',
    },
  },
  'dns-name-reserved': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'The name {name} can never exist: names under {domain} are set aside (RFC 6761), and no server is asked for them.',
      mend: 'Use a name of a domain that is yours, or one under localhost for this machine.',
    },
    zh: {
      cause: '名称 {name} 不可能存在：{domain} 下的名称是保留的（RFC 6761），不会向任何服务器查询。',
      mend: '请使用自己域名下的名称；若指本机，请使用 localhost 下的名称。',
    },
  },
  'dns-no-data': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name {name} exists, but has no {type} record, says {authority} (NODATA).',
      mend: 'If the name is yours, add the record to the zone ({type}) and wait {seconds} s: for so long name servers may remember that there was none.',
    },
    zh: {
      cause: '名称 {name} 存在，但没有 {type} 记录（{authority} 返回 NODATA）。',
      mend: '如果这是你的名称，请在区域中添加记录（{type}），并等待 {seconds} 秒（否定回答可能被缓存这么久）。',
    },
  },
  'dns-server-failure': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name server {server} could not answer for {name}: {rcode}{detail}.',
      mend: 'Run `menshen dns {name} --iterative` to see which server fails; if the zone is yours, look at its servers and its DNSSEC signatures.',
    },
    zh: {
      cause: '域名服务器 {server} 无法回答 {name}：{rcode}{detail}。',
      mend: '请运行 `menshen dns {name} --iterative` 查看是哪台服务器出错；如果区域是你的，请检查其服务器和 DNSSEC 签名。',
    },
  },
  'dns-refused': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name server {server} refuses to answer for {name} (REFUSED{detail}).',
      mend: 'It does not resolve for this client: use another name server (--server ADDRESS), or ask from the root (--iterative).',
    },
    zh: {
      cause: '域名服务器 {server} 拒绝回答 {name}（REFUSED{detail}）。',
      mend: '它不为此客户端解析：请换一台域名服务器（--server 地址），或从根开始查询（--iterative）。',
    },
  },
  'dns-timeout': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'No name server answers for {name}: nothing came back from {servers}.',
      mend: 'Check that this machine reaches port 53 over UDP and TCP there, and that the server runs.',
    },
    zh: {
      cause: '没有域名服务器回答 {name}：{servers} 没有任何响应。',
      mend: '请检查本机能否通过 UDP 和 TCP 访问其 53 端口，以及该服务器是否在运行。',
    },
  },
  'dns-unreachable': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'No name server can be reached for {name}: {servers} ({detail}).',
      mend: 'Check that a name server runs there and that this machine reaches it; /etc/resolv.conf names those that are asked first.',
    },
    zh: {
      cause: '无法连接任何能解析 {name} 的域名服务器：{servers}（{detail}）。',
      mend: '请检查那里是否运行着域名服务器、本机能否到达它；最先查询的服务器写在 /etc/resolv.conf 中。',
    },
  },
  'dns-lame-delegation': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The zone {zone} is delegated to servers that do not serve it (a lame delegation): {servers}.',
      mend: 'Configure the zone on these servers, or have the parent zone name the servers that have it.',
    },
    zh: {
      cause: '区域 {zone} 被委派给了并不提供该区域的服务器（无效委派）：{servers}。',
      mend: '请在这些服务器上配置该区域，或让上级区域改为指向真正提供它的服务器。',
    },
  },
  'dns-no-server-address': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'No address can be found for the name servers of {zone}: {servers}.',
      mend: 'Give these names address records, and the parent zone glue where they lie inside {zone} itself; two zones must not depend on each other for all their servers.',
    },
    zh: {
      cause: '找不到区域 {zone} 的域名服务器的地址：{servers}。',
      mend: '请为这些名称添加地址记录；如果它们位于 {zone} 之内，还需在上级区域中提供粘连记录；两个区域的服务器不能全部互相依赖。',
    },
  },
  'dns-alias-loop': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The aliases of {name} lead in a circle: {chain}.',
      mend: 'Have one of these CNAME records point to a name with an address.',
    },
    zh: { cause: '{name} 的别名形成了循环：{chain}。', mend: '请让其中一条 CNAME 记录指向有地址的名称。' },
  },
  'dns-alias-chain-too-long': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: '{name} is an alias of an alias more than {limit} times over.',
      mend: 'Have the first CNAME record point straight to the last name.',
    },
    zh: { cause: '{name} 的别名嵌套超过 {limit} 层。', mend: '请让第一条 CNAME 记录直接指向最后的名称。' },
  },
  'dns-truncated': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The answer of {server} for {name} does not fit over UDP and is not to be had over TCP.',
      mend: 'Open TCP port 53 of that server: DNS needs it (RFC 7766).',
    },
    zh: {
      cause: '{server} 对 {name} 的回答在 UDP 上放不下，而通过 TCP 又无法获取。',
      mend: '请开放该服务器的 TCP 53 端口：DNS 需要它（RFC 7766）。',
    },
  },
  'dns-malformed': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The answer of {server} for {name} is no DNS message: {problem} in {field}, at octet {offset}.',
      mend: 'Something between here and the server, or the server, is broken; try another server (--server ADDRESS).',
    },
    zh: {
      cause: '{server} 对 {name} 的回答不是合法的 DNS 报文：第 {offset} 字节处的 {field} 存在问题（{problem}）。',
      mend: '该服务器或途中的设备有故障；请换一台服务器（--server 地址）。',
    },
  },
  'dns-work-limit': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'Resolving {name} was given up after {limit} messages: its delegations lead nowhere.',
      mend: 'Look at the steps to see which zone sends the resolver around.',
    },
    zh: {
      cause: '解析 {name} 已发送 {limit} 个报文仍无结果，已放弃：其委派没有尽头。',
      mend: '请查看各个步骤，找出是哪个区域让解析器绕圈。',
    },
  },
  'dns-aborted': {
    fault: 'client',
    severity: 'info',
    en: { cause: 'Resolving {name} was stopped.', mend: '' },
    zh: { cause: '已停止解析 {name}。', mend: '' },
  },
  'dns-not-a-name': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: '"{name}" is no domain name: {problem}.',
      mend: 'Labels have 1 to 63 octets and stand between single dots; a name has 255 octets at most.',
    },
    zh: {
      cause: '“{name}” 不是域名：{problem}。',
      mend: '每个标签为 1 到 63 字节，以单个点分隔；整个名称最多 255 字节。',
    },
  },
  'dns-type-unclear': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: '"{type}" is no record type that can be asked for.',
      mend: 'Use a name such as A, AAAA, HTTPS, TXT, MX, NS, SOA or CAA, or a number as TYPE65.',
    },
    zh: {
      cause: '“{type}” 不是可以查询的记录类型。',
      mend: '请使用 A、AAAA、HTTPS、TXT、MX、NS、SOA、CAA 等名称，或 TYPE65 这样的编号。',
    },
  },
  'dns-server-unclear': {
    fault: 'client',
    severity: 'error',
    en: {
      cause: '"{server}" is no address of a name server.',
      mend: 'Write 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 or [2001:db8::1]:5353.',
    },
    zh: {
      cause: '“{server}” 不是域名服务器的地址。',
      mend: '请写成 192.0.2.1、192.0.2.1:5353、2001:db8::1 或 [2001:db8::1]:5353。',
    },
  },
  'dns-environment-unclear': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The environment variable {variable} cannot be "{value}".',
      mend: 'MENSHEN_ROOT_HINTS is written as a.root.=127.0.0.1,b.root.=127.0.0.2, MENSHEN_DNS_PORT as a port; without them the root servers of the Internet are asked.',
    },
    zh: {
      cause: '环境变量 {variable} 不能是“{value}”。',
      mend: 'MENSHEN_ROOT_HINTS 应写成 a.root.=127.0.0.1,b.root.=127.0.0.2 的形式，MENSHEN_DNS_PORT 应是端口号；两者都不设置时，从互联网的根服务器查起。',
    },
  },
  'dns-records-differ': {
    fault: 'network',
    severity: 'warning',
    en: {
      cause: 'The name servers of {zone} do not agree about {name}: {servers} have not got what the others have.',
      mend: 'Wait until the zone has been transferred, or look at why these servers do not get it.',
    },
    zh: {
      cause: '区域 {zone} 的域名服务器对 {name} 的回答不一致：{servers} 没有其他服务器已有的内容。',
      mend: '请等待区域同步完成，或检查这些服务器为何没有收到更新。',
    },
  },
  // RFC 2136 updates.
  'dns-update-refused': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The name server {server} refuses to change the zone {zone} (REFUSED{detail}).',
      mend: 'Allow the key to change this name there (BIND: update-policy), and name the key here.',
    },
    zh: {
      cause: '域名服务器 {server} 拒绝修改区域 {zone}（REFUSED{detail}）。',
      mend: '请在该服务器上允许此密钥修改该名称（BIND：update-policy），并在这里配置该密钥。',
    },
  },
  'dns-update-key-unknown': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The name server {server} does not know the TSIG key {key} (BADKEY).',
      mend: 'Give the key the same name and algorithm here and there.',
    },
    zh: {
      cause: '域名服务器 {server} 不认识 TSIG 密钥 {key}（BADKEY）。',
      mend: '请让密钥的名称和算法在两端一致。',
    },
  },
  'dns-update-signature': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The name server {server} does not accept the signature of the TSIG key {key} (BADSIG).',
      mend: 'The secret differs: copy it again from the server.',
    },
    zh: {
      cause: '域名服务器 {server} 不接受 TSIG 密钥 {key} 的签名（BADSIG）。',
      mend: '密钥内容不一致：请重新从服务器复制。',
    },
  },
  'dns-update-clock': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The clocks of {server} and of this machine differ by {seconds} s, more than TSIG allows (BADTIME).',
      mend: 'Set the clock that is wrong; let NTP keep both.',
    },
    zh: {
      cause: '{server} 与本机的时钟相差 {seconds} 秒，超出 TSIG 允许的范围（BADTIME）。',
      mend: '请校准有误的时钟，并让两端都使用 NTP。',
    },
  },
  'dns-update-answer-unsigned': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The answer that came from {server} is not signed with the TSIG key {key}; it is not believed.',
      mend: 'Check that the server has the key, and that nothing between here and there answers in its place.',
    },
    zh: {
      cause: '来自 {server} 的回答没有用 TSIG 密钥 {key} 签名，因此不予采信。',
      mend: '请检查服务器上是否有该密钥，以及途中是否有别的设备代为回答。',
    },
  },
  'dns-update-answer-forged': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The signature on the answer of {server} is not one of the TSIG key {key}; the answer is not believed.',
      mend: 'The secrets differ, or something between here and there changes messages.',
    },
    zh: {
      cause: '{server} 的回答上的签名不属于 TSIG 密钥 {key}，因此不予采信。',
      mend: '两端的密钥内容不同，或途中有设备改动了报文。',
    },
  },
  'dns-update-not-authoritative': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The name server {server} is not responsible for the zone {zone} ({rcode}).',
      mend: 'Send updates to the primary server of the zone: the first name in its SOA record, or the one you name in the configuration.',
    },
    zh: {
      cause: '域名服务器 {server} 不负责区域 {zone}（{rcode}）。',
      mend: '请把更新发给该区域的主服务器：即 SOA 记录中的第一个名称，或配置中指定的服务器。',
    },
  },
  'dns-update-failed': {
    fault: 'network',
    severity: 'error',
    en: {
      cause: 'The name server {server} did not change the zone {zone}: {rcode}{detail}.',
      mend: 'Look into the log of that server.',
    },
    zh: { cause: '域名服务器 {server} 没有修改区域 {zone}：{rcode}{detail}。', mend: '请查看该服务器的日志。' },
  },
  'dns-key-unclear': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'This is no TSIG key: {problem}.',
      mend: 'Write ALGORITHM:NAME:SECRET (hmac-sha256:acme.example:base64…), or give the file that tsig-keygen writes.',
    },
    zh: {
      cause: '这不是 TSIG 密钥：{problem}。',
      mend: '请写成 算法:名称:密钥（hmac-sha256:acme.example:base64…），或给出 tsig-keygen 生成的文件。',
    },
  },
  // The responder for challenges.
  'dns-responder-port-taken': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'Port {port} of {address} is taken by another DNS server.',
      mend: 'Name the public address of this machine instead of all addresses (systemd-resolved listens on 127.0.0.53 only), or stop the other server.',
    },
    zh: {
      cause: '{address} 的 {port} 端口已被另一台 DNS 服务器占用。',
      mend: '请指定本机的公网地址而不是所有地址（systemd-resolved 只监听 127.0.0.53），或停止另一台服务器。',
    },
  },
  'dns-responder-port-forbidden': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'This process may not listen on port {port} of {address}.',
      mend: 'Give it the right to bind low ports (setcap cap_net_bind_service=+ep, or AmbientCapabilities in the systemd unit).',
    },
    zh: {
      cause: '此进程无权监听 {address} 的 {port} 端口。',
      mend: '请授予绑定低端口的权限（setcap cap_net_bind_service=+ep，或 systemd 单元中的 AmbientCapabilities）。',
    },
  },
  'dns-responder-cannot-listen': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The DNS responder cannot listen on {address}, port {port}: {detail}.',
      mend: 'Check that the address belongs to this machine.',
    },
    zh: {
      cause: 'DNS 应答器无法监听 {address} 的 {port} 端口：{detail}。',
      mend: '请检查该地址是否属于本机。',
    },
  },
} as const satisfies Catalog;
