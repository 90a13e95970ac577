import type { Catalog } from '../catalog.ts';

/** What a supervisor tells about its workers. */
export const workersCatalog = {
  'workers-started': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: '{count} workers serve.', mend: '' },
    zh: { cause: '{count} 个 worker 正在提供服务。', mend: '' },
  },
  'workers-unsupported': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'This version of Node ({node}) gives no way to share a port between processes.',
      mend: 'Set `workers` to 1, or use a Node release that Menshen is tested with.',
    },
    zh: {
      cause: '当前的 Node 版本（{node}）没有在进程间共享端口的办法。',
      mend: '请把 `workers` 设为 1，或使用 Menshen 测试过的 Node 版本。',
    },
  },
  'worker-start-failed': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'Worker {number} ended before it could serve. Its last words: {lastWords}',
      mend: 'Standard error has all that it said. If the installation was just changed, install it anew.',
    },
    zh: {
      cause: 'worker {number} 在能够提供服务之前就结束了。它最后的输出：{lastWords}',
      mend: '标准错误里有它的全部输出。如果刚改动过安装内容，请重新安装。',
    },
  },
  'worker-of-other-version': {
    fault: 'config',
    severity: 'error',
    en: {
      cause:
        'The version on the disk ({version}) takes other settings than the supervisor that runs, so that the two cannot work together.',
      mend: 'Restart the gateway to go over to it.',
    },
    zh: {
      cause: '磁盘上的版本（{version}）使用的设置与正在运行的监督进程不同，两者无法配合。',
      mend: '请重启网关以切换到新版本。',
    },
  },
  'worker-exited': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause:
        'Worker {number} (process {pid}) ended by itself with exit code {exitCode}; its connections are gone, others are not touched. Its last words: {lastWords}',
      mend: 'It is replaced. Standard error has all that it said; please report a defect with it.',
    },
    zh: {
      cause:
        'worker {number}（进程 {pid}）自行结束，退出码 {exitCode}；它的连接已断开，其他连接不受影响。它最后的输出：{lastWords}',
      mend: '会有新的 worker 接替。标准错误里有它的全部输出，请附上它报告缺陷。',
    },
  },
  'worker-killed': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause:
        'Worker {number} (process {pid}) was ended by {signal}; its connections are gone, others are not touched. Its last words: {lastWords}',
      mend: 'It is replaced. SIGKILL comes from a person or, when memory runs out, from the system (see `dmesg`).',
    },
    zh: {
      cause:
        'worker {number}（进程 {pid}）被 {signal} 结束；它的连接已断开，其他连接不受影响。它最后的输出：{lastWords}',
      mend: '会有新的 worker 接替。SIGKILL 来自某人，或在内存耗尽时来自系统（见 `dmesg`）。',
    },
  },
  'worker-replaced': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'Worker {number} serves again (process {pid}).', mend: '' },
    zh: { cause: 'worker {number} 已恢复服务（进程 {pid}）。', mend: '' },
  },
  'worker-crash-loop': {
    fault: 'gateway',
    severity: 'warning',
    en: {
      cause:
        'Worker {number} has ended shortly after its start, {times} times in a row; the next try is in {pauseMs} ms.',
      mend: 'The lines before this one say why it ends. Other workers go on serving.',
    },
    zh: {
      cause: 'worker {number} 启动后很快结束，已连续 {times} 次；{pauseMs} 毫秒后再试。',
      mend: '前面的日志行说明了它结束的原因。其他 worker 继续提供服务。',
    },
  },
  'upgrade-started': {
    fault: 'gateway',
    severity: 'info',
    en: { cause: 'Upgrade: starting {count} new workers beside the old ones.', mend: '' },
    zh: { cause: '升级：在旧 worker 旁启动 {count} 个新 worker。', mend: '' },
  },
  upgraded: {
    fault: 'gateway',
    severity: 'info',
    en: {
      cause:
        '{count} new workers serve (version {version}). The old ones take no more connections and end when their last ones do.',
      mend: '',
    },
    zh: {
      cause: '{count} 个新 worker 已提供服务（版本 {version}）。旧 worker 不再接受新连接，最后一个连接结束后退出。',
      mend: '',
    },
  },
  'upgrade-refused': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The upgrade did not come about; the workers that ran go on serving: {reason}',
      mend: 'Mend what it names and ask for the upgrade again.',
    },
    zh: {
      cause: '升级没有进行，原有的 worker 继续提供服务：{reason}',
      mend: '请先解决所述问题，再次请求升级。',
    },
  },
  'upgrade-one-process': {
    fault: 'config',
    severity: 'warning',
    en: {
      cause: 'An upgrade was asked for, but the gateway runs as one process, without workers that could be replaced.',
      mend: 'Restart it, or set `workers` to 2 or more.',
    },
    zh: {
      cause: '收到升级请求，但网关以单进程运行，没有可以替换的 worker。',
      mend: '请重启网关，或把 `workers` 设为 2 以上。',
    },
  },
  'upgrade-nothing-runs': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'No supervisor with this state folder runs: {folder}',
      mend: 'Name the same configuration or `--state` as the gateway that runs. With `workers` set to 1 there is no supervisor: restart it.',
    },
    zh: {
      cause: '没有使用此状态文件夹的监督进程在运行：{folder}',
      mend: '请指定与正在运行的网关相同的配置或 `--state`。`workers` 为 1 时没有监督进程，请重启网关。',
    },
  },
  'upgrade-not-allowed': {
    fault: 'config',
    severity: 'error',
    en: {
      cause: 'The supervisor (process {pid}) belongs to another user.',
      mend: 'Run `menshen upgrade` as that user, or with sudo.',
    },
    zh: {
      cause: '监督进程（进程 {pid}）属于另一个用户。',
      mend: '请以该用户身份运行 `menshen upgrade`，或使用 sudo。',
    },
  },
  'upgrade-no-word': {
    fault: 'gateway',
    severity: 'error',
    en: {
      cause: 'The supervisor (process {pid}) was asked to upgrade and has said nothing for {seconds} s.',
      mend: 'See its log.',
    },
    zh: {
      cause: '已请求监督进程（进程 {pid}）升级，但 {seconds} 秒内没有回应。',
      mend: '请查看它的日志。',
    },
  },
} as const satisfies Catalog;
