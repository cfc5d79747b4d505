import type { FieldName } from './draft.ts'

/** The input's top words in the server's sentence about a bad input, and their places in the form. */
const inputs: Record<string, FieldName> = {
  name: 'name',
  image: 'image',
  command: 'command',
  entrypoint: 'entrypoint',
  env: 'env',
  user: 'user',
  workingDir: 'workingDir',
  hostname: 'hostname',
  memoryBytes: 'memory',
  cpus: 'cpus',
  pidsLimit: 'pids',
  capAdd: 'capAdd',
  capDrop: 'capDrop',
  mounts: 'mounts',
  devices: 'devices',
  labels: 'labels',
  ports: 'ports',
  restart: 'restart',
  stopSignal: 'stopSignal',
  stopTimeoutSeconds: 'stopTimeout',
  hostId: 'hostId',
  engine: 'engine',
}

/** What the server's own sentences speak of, most telling first. */
const topics: readonly (readonly [RegExp, FieldName])[] = [
  [/^The host \S+ takes no new containers\b/, 'hostId'],
  [/^The name \S+ is taken\b/, 'name'],
  [/\b(TCP|UDP) port \d+|\bport is already allocated\b|\bto publish\b/, 'ports'],
  [/\bPorts (are|cannot be) published\b/, 'ports'],
  [/\bmemory limit\b/i, 'memory'],
  [/\bCPU limit\b|\bCPUs\b/, 'cpus'],
  [/\bpids limit\b/i, 'pids'],
  [/\bnames no command\b|\bthe command\b|\bhas no program\b/i, 'command'],
  [/\bhas no (user|group) "/, 'user'],
  [/\bA user is given as\b/, 'user'],
  [/\bworking directory\b/, 'workingDir'],
  [/\bcapability\b/, 'capAdd'],
  [/\bdevice\b/, 'devices'],
  [/\bThe host has nothing at\b|\bmount(s|ed)?\b/, 'mounts'],
  [/\bis no signal\b/, 'stopSignal'],
  [/\bimage\b|\bregistry\b/i, 'image'],
]

/**
 * The field that a refused create is about; null where it is about none. The server's errors name no field, since it knows
 * none of this form: its validation names the input's path, its other sentences are told apart by what they speak of.
 */
export function errorField(code: string, message: string): FieldName | null {
  const input = /^The input is not valid\. (\w+)/.exec(message)?.[1]
  if (input !== undefined) return inputs[input] ?? null
  if (code === 'PERMISSION_DENIED' && !/\bregistry\b/.test(message)) return null
  if (code === 'CANCELLED' || code === 'INTERNAL') return null
  if (code === 'ALREADY_EXISTS') return 'name'
  return topics.find(([pattern]) => pattern.test(message))?.[1] ?? null
}
