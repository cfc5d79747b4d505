import { defineErrors } from './define-errors.ts'

/** Files of a volume or a root file system. */
export const fileErrors = defineErrors({
  'file.removedMeanwhile': { code: 'CONFLICT', sentence: '{path} was removed meanwhile. Nothing was written.' },
  'file.changedMeanwhile': {
    code: 'CONFLICT',
    sentence: '{path} was changed by somebody else meanwhile. Nothing was written; read it again.',
  },
  'file.absent': { code: 'NOT_FOUND', sentence: 'There is no {path}. It may have been removed meanwhile.' },
  'file.noFolder': { code: 'INVALID_ARGUMENT', sentence: 'Something on the way to {path} is no folder.' },
  'file.isFolder': { code: 'INVALID_ARGUMENT', sentence: '{path} is a folder.' },
  'file.linksNowhere': { code: 'INVALID_ARGUMENT', sentence: 'The symbolic links on the way to {path} lead nowhere.' },
  'file.longName': { code: 'INVALID_ARGUMENT', sentence: '{path} is longer than the file system takes.' },
  'file.notTaken': { code: 'INVALID_ARGUMENT', sentence: 'The file system does not take {path} here.' },
  'file.exists': { code: 'ALREADY_EXISTS', sentence: '{path} is there already. Choose another name.' },
  'file.notEmpty': { code: 'CONFLICT', sentence: 'The folder {path} is not empty.' },
  'file.locked': { code: 'CONFLICT', sentence: 'A process keeps {path} to itself at the moment. Try again later.' },
  'file.runs': { code: 'CONFLICT', sentence: '{path} is a program that runs at the moment.' },
  'file.immutable': {
    code: 'CONFLICT',
    sentence: 'The file system does not allow a change of {path}: it may be marked as immutable.',
  },
  'file.notAllowed': { code: 'CONFLICT', sentence: 'The file system does not allow this for {path}.' },
  'file.readOnly': { code: 'CONFLICT', sentence: '{path} lies on a file system that is read-only.' },
  'file.otherFileSystem': { code: 'CONFLICT', sentence: '{path} lies on another file system.' },
  'file.diskFull': { code: 'RESOURCE_EXHAUSTED', sentence: 'There is no room left on the disk. Nothing was changed.' },
  'file.quota': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'The size limit is reached. Nothing was changed; remove files first.',
  },
  'file.attributesLost': {
    code: 'INTERNAL',
    sentence:
      'The access list and attributes of {path} could not be kept. Nothing was written; the log has the detail.',
  },
  'file.topRenamed': { code: 'INVALID_ARGUMENT', sentence: 'The top folder cannot be renamed.' },
  'file.notRegular': {
    code: 'INVALID_ARGUMENT',
    sentence: '{path} is {what}. Only regular files are read and written.',
  },
  'file.noText': { code: 'INVALID_ARGUMENT', sentence: '{path} is no UTF-8 text. Download it instead.' },
  'file.tooLarge': { code: 'INVALID_ARGUMENT', sentence: '{path} is larger than {bytes} bytes.' },
  'file.topRemoved': { code: 'INVALID_ARGUMENT', sentence: 'The top folder cannot be removed.' },
  'file.refilled': { code: 'CONFLICT', sentence: 'A process goes on filling {path}. Stop it and try again.' },
  'file.tooDeep': { code: 'RESOURCE_EXHAUSTED', sentence: '{path} lies more than {most} folders deep.' },
  'file.nameNoText': {
    code: 'UNSUPPORTED',
    sentence:
      'The folder {path} holds a name that is no UTF-8, which this archive cannot hold. Rename it in a container first.',
  },
  'file.targetNoText': {
    code: 'UNSUPPORTED',
    sentence: 'The symbolic link {path} has a target that is no UTF-8, which this archive cannot hold.',
  },
  'file.walkLost': { code: 'INTERNAL', sentence: 'The walk through a file tree lost its start.' },
})
