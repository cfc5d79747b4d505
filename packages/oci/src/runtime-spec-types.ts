/** The part of the OCI runtime-spec (1.0.2, config.md and config-linux.md) that Flotilla writes. */
export interface RuntimeSpec {
  ociVersion: string
  process: RuntimeProcess
  root: { path: string; readonly: boolean }
  hostname?: string
  mounts: RuntimeMount[]
  linux: RuntimeLinux
}

/** What one process is started with: the container's own, and with `args` exchanged that of an exec. */
export interface RuntimeProcess {
  terminal: boolean
  consoleSize?: { height: number; width: number }
  user: { uid: number; gid: number; additionalGids: number[] }
  args: string[]
  env: string[]
  cwd: string
  capabilities: RuntimeCapabilities
  rlimits: RuntimeRlimit[]
  noNewPrivileges: boolean
  oomScoreAdj: number
  apparmorProfile?: string
}

export interface RuntimeCapabilities {
  bounding: string[]
  effective: string[]
  permitted: string[]
  inheritable: string[]
  ambient: string[]
}

export interface RuntimeRlimit {
  type: string
  hard: number
  soft: number
}

export interface RuntimeMount {
  destination: string
  type: string
  source: string
  options: string[]
}

export interface RuntimeNamespace {
  type: 'pid' | 'network' | 'ipc' | 'uts' | 'mount' | 'cgroup'
  path?: string
}

export interface RuntimeDevice {
  path: string
  type: 'c' | 'b'
  major: number
  minor: number
  fileMode: number
  uid: number
  gid: number
}

export interface RuntimeDeviceRule {
  allow: boolean
  type?: 'a' | 'c' | 'b'
  major?: number
  minor?: number
  access: string
}

export interface RuntimeResources {
  devices: RuntimeDeviceRule[]
  memory?: { limit: number; swap?: number }
  cpu?: { quota: number; period: number; shares?: number }
  pids?: { limit: number }
}

export interface RuntimeLinux {
  namespaces: RuntimeNamespace[]
  cgroupsPath: string
  resources: RuntimeResources
  devices: RuntimeDevice[]
  seccomp?: RuntimeSeccomp
  maskedPaths: string[]
  readonlyPaths: string[]
  rootfsPropagation?: string
  sysctl?: Record<string, string>
}

export interface RuntimeSeccomp {
  defaultAction: string
  defaultErrnoRet?: number
  architectures: string[]
  syscalls: RuntimeSyscallRule[]
}

export interface RuntimeSyscallRule {
  names: string[]
  action: string
  errnoRet?: number
  args?: { index: number; value: number; valueTwo?: number; op: string }[]
}
