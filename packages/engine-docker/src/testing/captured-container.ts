/**
 * What Docker 20.10 answered to `docker inspect` of `docker run --memory 64m --cpus 1.5 --pids-limit 50 -p 127.0.0.1:8081:80
 * -p 8082:81/udp … sleep 600`, without what is not read of it.
 */
export const runningAnswer = {
  Id: '9a974861d5ebb585eb20b2770828e35eaba91d3b14d3c4b1af0b6270859a7ee4',
  Created: '2026-11-24T14:25:03.081036472Z',
  Path: 'sleep',
  Args: ['600'],
  State: {
    Status: 'running',
    OOMKilled: false,
    Pid: 28669,
    ExitCode: 0,
    Error: '',
    StartedAt: '2026-11-24T14:25:04.145402571Z',
    FinishedAt: '0001-01-01T00:00:00Z',
  },
  Image: 'sha256:e322501b3bb22f26ea9a0658eb12e2da94950c19b0f224b92e81529805480f09',
  LogPath: '',
  Name: '/rich',
  RestartCount: 0,
  ExecIDs: null,
  HostConfig: {
    LogConfig: { Type: 'syslog', Config: { 'syslog-address': 'udp://127.0.0.1:5140', tag: 'x' } },
    NetworkMode: 'default',
    PortBindings: {
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8081' }],
      '81/udp': [{ HostIp: '', HostPort: '8082' }],
    },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    CapAdd: ['CAP_NET_ADMIN'],
    CapDrop: ['CAP_CHOWN'],
    Privileged: false,
    ReadonlyRootfs: true,
    SecurityOpt: null,
    Tmpfs: { '/scratch': 'size=1m,ro' },
    Runtime: 'runc',
    Memory: 67108864,
    NanoCpus: 1500000000,
    CpuPeriod: 0,
    CpuQuota: 0,
    PidsLimit: 50,
  },
  Mounts: [
    { Type: 'bind', Source: '/usr/share', Destination: '/share', Mode: 'ro', RW: false, Propagation: 'rprivate' },
    { Type: 'volume', Name: 'vol2', Source: '/var/lib/docker/volumes/vol2/_data', Destination: '/vol', RW: true },
  ],
  Config: {
    Hostname: '9a974861d5eb',
    User: '',
    Tty: false,
    Env: ['PLAIN=yes', 'DB_PASSWORD=hunter2', 'URL=postgres://app:hunter2@db/x'],
    Cmd: ['sleep', '600'],
    Image: 'flotilla.local/starter:latest',
    WorkingDir: '/',
    Entrypoint: null,
    Labels: { 'api-token': 'hunter2', team: 'shop' },
    StopTimeout: 7,
  },
  NetworkSettings: {
    Ports: {
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8081' }],
      '81/udp': [
        { HostIp: '0.0.0.0', HostPort: '8082' },
        { HostIp: '::', HostPort: '8082' },
      ],
    },
    Networks: { bridge: { IPAMConfig: null, IPAddress: '172.17.0.2' } },
  },
}

/** The same container's, after `docker kill`. */
export const endedAnswer = {
  ...runningAnswer,
  State: {
    ...runningAnswer.State,
    ...{ Status: 'exited', Pid: 0, ExitCode: 137, FinishedAt: '2026-11-24T14:25:04.243156049Z' },
  },
  NetworkSettings: { Ports: {}, Networks: { bridge: { IPAddress: '' } } },
}
