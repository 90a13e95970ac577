import type { AnswerSource } from '../../dns/resolution.ts';
import type { StepOutcome } from '../../dns/step.ts';
import type { ExchangeFailure } from '../../dns/transport.ts';
import type { Language } from '../../story/catalog.ts';

/** What `menshen dns` says about itself, and the labels of its page. Placeholders in braces are filled in. */
export interface DnsWords {
  readonly describe: string;
  readonly name: string;
  readonly type: string;
  readonly iterative: string;
  readonly server: string;
  readonly all: string;
  readonly tcp: string;
  readonly noCache: string;
  readonly json: string;
  readonly lang: string;
  readonly steps: string;
  readonly servers: string;
  readonly aliasOf: string;
  readonly seconds: string;
  readonly agree: string;
  readonly nothing: string;
  readonly noAddress: string;
  readonly sources: Readonly<Record<AnswerSource, string>>;
  readonly learnt: string;
  readonly outcomes: Readonly<Record<StepOutcome['kind'], string>>;
  readonly notAuthoritative: string;
  readonly failures: Readonly<Record<ExchangeFailure, string>>;
}

export const dnsWords: Readonly<Record<Language, DnsWords>> = {
  en: {
    describe: 'resolve a name and tell every step: servers, referrals, aliases, caches, and why it fails',
    name: 'a domain name, or an IP address for its reverse name',
    type: 'record type (A and AAAA together; PTR for an address)',
    iterative: 'ask from the root down instead of the name servers of this machine',
    server: 'ask this name server, ADDRESS or ADDRESS:PORT',
    all: 'then ask every authoritative server of the zone and compare',
    tcp: 'ask over TCP only',
    noCache: 'forget what earlier runs learnt',
    json: 'print everything as JSON',
    lang: 'language: en or zh',
    steps: 'Steps',
    servers: 'Servers of {zone}',
    aliasOf: 'is an alias of',
    seconds: '{ttl} s',
    agree: 'all say the same',
    nothing: 'nothing',
    noAddress: 'no address is known',
    sources: {
      server: 'asked just now',
      'process-cache': 'remembered by this process',
      'file-cache': 'remembered from an earlier run',
      'hosts-file': 'from /etc/hosts; no server was asked',
      'special-name': 'a special name; no server was asked (RFC 6761)',
      address: 'an address; nothing to resolve',
    },
    learnt: '{seconds} s ago',
    outcomes: {
      answer: 'answer: {records}',
      alias: 'alias of {target}',
      referral: 'referral to {zone}: {servers}',
      'no-such-name': 'no such name (NXDOMAIN)',
      'no-data': 'no record of this type (NODATA)',
      truncated: 'too long for UDP: again over TCP',
      'edns-refused': 'does not know EDNS ({rcode}): again without',
      'case-changed': 'the case of the name came back changed: again over TCP',
      error: '{rcode}{detail}',
      lame: 'does not serve {zone}, points to {referredTo} (lame)',
      malformed: 'no DNS message: {problem} in {field}, at octet {offset}',
      'no-answer': '{failure}{detail}',
    },
    notAuthoritative: 'not authoritative',
    failures: {
      timeout: 'no answer',
      refused: 'nobody listens there',
      unreachable: 'unreachable',
      closed: 'connection closed',
      aborted: 'stopped',
    },
  },
  zh: {
    describe: '解析名称并说明每一步：服务器、转介、别名、缓存，以及失败的原因',
    name: '域名；给出 IP 地址时查询其反向名称',
    type: '记录类型（默认同时查询 A 和 AAAA；地址则为 PTR）',
    iterative: '从根开始逐级查询，而不使用本机的域名服务器',
    server: '向这台域名服务器查询，地址或 地址:端口',
    all: '再向该区域的每台权威服务器查询并比较',
    tcp: '只用 TCP 查询',
    noCache: '不使用以前运行时记住的结果',
    json: '以 JSON 输出全部内容',
    lang: '语言：en 或 zh',
    steps: '步骤',
    servers: '{zone} 的服务器',
    aliasOf: '是别名，指向',
    seconds: '{ttl} 秒',
    agree: '回答一致',
    nothing: '没有记录',
    noAddress: '地址未知',
    sources: {
      server: '刚刚查询所得',
      'process-cache': '本进程的缓存',
      'file-cache': '以前运行时记住的结果',
      'hosts-file': '来自 /etc/hosts，未查询服务器',
      'special-name': '特殊名称，未查询服务器（RFC 6761）',
      address: '本身就是地址，无需解析',
    },
    learnt: '{seconds} 秒前',
    outcomes: {
      answer: '回答：{records}',
      alias: '别名，指向 {target}',
      referral: '转介到 {zone}：{servers}',
      'no-such-name': '没有这个名称（NXDOMAIN）',
      'no-data': '没有这种类型的记录（NODATA）',
      truncated: 'UDP 放不下：改用 TCP 重新查询',
      'edns-refused': '不支持 EDNS（{rcode}）：不带 EDNS 重新查询',
      'case-changed': '返回的名称大小写被改动：改用 TCP 重新查询',
      error: '{rcode}{detail}',
      lame: '不提供 {zone}，却指向 {referredTo}（无效委派）',
      malformed: '不是 DNS 报文：第 {offset} 字节处的 {field} 有问题（{problem}）',
      'no-answer': '{failure}{detail}',
    },
    notAuthoritative: '非权威',
    failures: {
      timeout: '没有回答',
      refused: '没有程序在监听',
      unreachable: '不可达',
      closed: '连接被关闭',
      aborted: '已停止',
    },
  },
};
