import { defineReasons } from './define-reasons.ts'

/** Why an engine lacks a method or an option of one. */
export const engineReasons = defineReasons({
  'engine.notOffered': '{engine} does not offer {method}.',
  'docker.sessionsEnd': 'Docker gives a session’s output to nobody but who started it, so sessions end with the agent.',
  'docker.publishesAtCreate':
    'Docker publishes ports when a container is made, never later. Make it anew with the ports.',
  'docker.unpublishesAtRemoval':
    'Docker takes published ports back with their container alone. Make it anew without them.',
  'docker.nameIsId':
    'A volume of Docker has no id but its name, by which containers mount it. Clone it under another name.',
  'docker.noSizeLimit': 'Docker limits no volume of its own driver.',
  'docker.noSubPath': 'A part of a volume cannot be mounted on Docker. Mount the whole volume.',
  'docker.answersNames': 'Docker answers names on every network but its first.',
  'docker.noAntiSpoofing':
    'Docker does not filter what containers send on its bridges: one with NET_RAW can speak for its neighbours.',
  'docker.noStorageLimit':
    'Docker’s storage driver here ({driver}) limits no container. It has to be overlay2 on xfs with project quotas, btrfs or zfs.',
  'docker.noKernelLimit': 'The kernel under this Docker daemon has no {limit} limit.',
})
