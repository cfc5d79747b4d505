import { useTranslations } from 'use-intl'

const methods = [
  'containers.create',
  'containers.start',
  'containers.stop',
  'containers.kill',
  'containers.restart',
  'containers.pause',
  'containers.unpause',
  'containers.remove',
  'exec.create',
  'exec.remove',
  'images.pull',
  'images.remove',
] as const
const steps = ['resolve', 'download', 'unpack', 'pull', 'create', 'network', 'start'] as const

/** Methods and steps in words; one that is not known yet is said as the host names it. */
export function useOperationWords(): { method: (name: string) => string; step: (name: string) => string } {
  const t = useTranslations('operations')
  return {
    method: (name) => {
      const known = methods.find((each) => each === name)
      return known === undefined ? name : t(`methods.${methodKeys[known]}`)
    },
    step: (name) => {
      const known = steps.find((each) => each === name)
      return known === undefined ? name : t(`steps.${known}`)
    },
  }
}

const methodKeys = {
  'containers.create': 'create',
  'containers.start': 'start',
  'containers.stop': 'stop',
  'containers.kill': 'kill',
  'containers.restart': 'restart',
  'containers.pause': 'pause',
  'containers.unpause': 'unpause',
  'containers.remove': 'remove',
  'exec.create': 'exec',
  'exec.remove': 'execRemove',
  'images.pull': 'pull',
  'images.remove': 'imageRemove',
} as const
