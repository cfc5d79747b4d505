import { defineErrors } from '../../errors/define-errors.ts'
import { containerKind } from '../container/container-kind.ts'

/** Volumes. */
export const volumeErrors = defineErrors({
  'volume.noSizeLimit': { code: 'UNSUPPORTED', sentence: '{reason}' },
  'volume.inUse': {
    code: 'CONFLICT',
    sentence: 'The volume {name} is mounted by containers ({count}). Remove them first.',
    counts: { users: containerKind, of: 'volume', uncounted: 'volume.hasContainers' },
  },
  'volume.hasContainers': {
    code: 'CONFLICT',
    sentence: 'Containers mount the volume {name}. Remove them first.',
  },
  'volume.copyTooLarge': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The copy does not fit: the disk or the size limit is full. Nothing of it was kept.',
  },
  'volume.copyFailed': { code: 'INTERNAL', sentence: 'The files could not be copied. The log has the detail.' },
  'volume.notMeasured': { code: 'INTERNAL', sentence: 'The size could not be measured. The log has the detail.' },
  'volume.noPart': { code: 'INVALID_ARGUMENT', sentence: 'The volume {name} has no {part}. Make it first.' },
  'volume.badPart': {
    code: 'INVALID_ARGUMENT',
    sentence: '{part} of the volume {name} is neither a folder nor a file.',
  },
  'volume.ambiguous': { code: 'CONFLICT', sentence: '{ref} fits several volumes: {names}. Give more of the id.' },
  'volume.nameTaken': { code: 'ALREADY_EXISTS', sentence: 'There is a volume {name} already. Choose another name.' },
  'volume.nameLikeId': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'There is no volume {name}, and none is made by a name that looks like the id of one. Choose another name.',
  },
  'volume.notFound': { code: 'NOT_FOUND', sentence: 'There is no volume {ref} here.' },
  'volume.busy': {
    code: 'CONFLICT',
    sentence: 'The files of {name} are being read or written. Try again when that has ended.',
  },
  'volume.otherThanPreviewed': {
    code: 'CONFLICT',
    sentence:
      'The volume {name} is not known to be the one that was previewed: it was made anew or has got a name since, or its mark was not given. Preview again.',
  },
  'volume.notRemoved': {
    code: 'CONFLICT',
    sentence:
      'The volume {name} stays, as the file system does not let {file} go ({code}): it may be marked as immutable, or be in use. What could be removed is gone.',
  },
  'volume.beingRemoved': { code: 'CONFLICT', sentence: 'The volume {name} is being removed.' },
  'volume.diskFull': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: "The host's disk is full. Nothing was changed; make room first.",
  },
  'volume.nameIsId': { code: 'INVALID_ARGUMENT', sentence: '{field} must not look like the id of a volume.' },
  'volume.nameIsLikeId': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must not look like the id of a volume: not 12 or more of the digits 0 to 9 and a to f alone.',
  },
})
