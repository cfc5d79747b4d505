import { defineErrors } from '../../errors/define-errors.ts'

/** Containers, what they are made with, their sessions and logs. */
export const containerErrors = defineErrors({
  'container.nameTaken': {
    code: 'ALREADY_EXISTS',
    sentence: 'The name {name} is taken by another container. Choose another name or remove that container.',
  },
  'container.nameIsId': {
    code: 'INVALID_ARGUMENT',
    sentence: '{field} must not look like the id of a container: not 64 of the digits 0 to 9 and a to f alone.',
  },
  'container.paused': { code: 'CONFLICT', sentence: '{name} is paused. Unpause it.' },
  'container.ambiguous': { code: 'CONFLICT', sentence: '{ref} fits several containers: {names}. Give more of the id.' },
  'container.running': { code: 'CONFLICT', sentence: '{name} is running. Stop it first, or remove it by force.' },
  'container.notFound': {
    code: 'NOT_FOUND',
    sentence: 'There is no container {ref} on this host. It may have been removed.',
  },
  'container.ambiguousId': {
    code: 'CONFLICT',
    sentence: "More than one container's id begins with {ref}. Give more of it.",
  },
  'container.notRunning': { code: 'CONFLICT', sentence: '{name} is not running. Start it first.' },
  'container.needsRunning': { code: 'CONFLICT', sentence: '{name} is {state}; that needs a running container.' },
  'container.noSignal': {
    code: 'INVALID_ARGUMENT',
    sentence: '"{signal}" is no signal that Linux knows. Use a name such as TERM or a number from 1 to 64.',
  },
  'container.noUser': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image has no user "{user}" in its /etc/passwd. Name one that it has, or give a number.',
  },
  'container.noGroup': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image has no group "{group}" in its /etc/group. Name one that it has, or give a number.',
  },
  'container.badUser': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A user is given as "name", "uid", "name:group" or "uid:gid".',
  },
  'container.noRootFs': { code: 'NOT_FOUND', sentence: 'The container has no root file system.' },
  'container.rootFsBusy': {
    code: 'CONFLICT',
    sentence: 'The root file system is still in use by a process. End it and try again.',
  },
  'container.badId': { code: 'INVALID_ARGUMENT', sentence: 'That is not a container id.' },
  'container.noCommand': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image {image} names no command to run, and none was given. Give a command, such as ["/bin/sh"].',
  },
  'container.emptyCommand': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The first word of the command is empty. Name a program to run.',
  },
  'container.commandTooLong': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Command and environment are {bytes} bytes together; the kernel takes at most {most}. Make them shorter.',
  },
  'container.workingDirTaken': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The working directory {path} cannot be a folder in this image: something else has that name.',
  },
  'container.rootFsLost': { code: 'INTERNAL', sentence: 'The walk through a root file system lost its start.' },
  'container.littleMemory': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A memory limit of {bytes} bytes is less than a container needs to start. Give at least 6 MiB.',
  },
  'container.badCpus': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A CPU limit of {cpus} is not possible here: this host takes {least} to {most}.',
  },
  'container.noProgram': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The image has no program {program}. Give a command that is in the image.',
  },
  'container.notExecutable': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The command cannot be run: it is no program, has no execute permission or is for another architecture.',
  },
  'container.workingDirUnentered': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The working directory cannot be entered inside the container.',
  },
  'container.kernelMemory': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The kernel refuses the memory limit: it is too low. Give more.',
  },
  'container.stopped': { code: 'CONFLICT', sentence: 'The container is not running.' },
  'container.recordDamaged': {
    code: 'CONFLICT',
    sentence:
      'The record of {name} cannot be read. If it runs it goes on; nothing else can be done with it. Restore the record and restart the agent, or remove the container.',
  },
  'container.recordNewer': {
    code: 'CONFLICT',
    sentence:
      'The record of {name} was written by a newer agent. If it runs it goes on; nothing else can be done with it. Update the agent, or remove the container.',
  },
  'container.beingRemoved': { code: 'CONFLICT', sentence: '{name} is being removed.' },
  'container.unkillable': {
    code: 'TIMEOUT',
    sentence:
      '{name} was killed and is still there after {seconds} s: the kernel holds it, on a disk that does not answer say.',
  },
  'container.gone': { code: 'NOT_FOUND', sentence: 'The container was removed meanwhile.' },
  'capability.lacking': {
    code: 'INVALID_ARGUMENT',
    sentence: 'This host cannot give the capability {name}: the agent does not have it itself. Leave it out.',
  },
  'capability.unknown': {
    code: 'INVALID_ARGUMENT',
    sentence: '{name} is no capability that Linux knows. See capabilities(7).',
  },
  'device.absent': { code: 'INVALID_ARGUMENT', sentence: 'The host has no device {path}.' },
  'device.noDevice': { code: 'INVALID_ARGUMENT', sentence: '{path} is no device on the host.' },
  'mount.kernelPlace': {
    code: 'INVALID_ARGUMENT',
    sentence: "Nothing can be mounted at {target}: the kernel's own view is there.",
  },
  'mount.hidesDevices': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A tmpfs at {target} would hide the devices that every program needs. Mount it at another place.',
  },
  'container.tooLarge': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'The texts of a container may have {most} KiB together, and {field} alone has {kib} KiB. Put long values into a file or a volume.',
  },
  'mount.sameTarget': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Two mounts want the same place, {target}. Leave one out.',
  },
  'mount.namelessPart': {
    code: 'INVALID_ARGUMENT',
    sentence: 'A new volume at {target} has no {part}. Name the volume to mount.',
  },
  'mount.noPlainFile': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'With the mount at {target}, {path} is a pipe, a device, a folder or leads to one; a container needs a plain file there, or nothing.',
  },
  'mount.noSource': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The host has nothing at {source}. Make it first, or mount another path.',
  },
  'mount.writableInside': {
    code: 'INVALID_ARGUMENT',
    sentence:
      '{source} cannot be mounted read-only: {inside} is mounted inside of it and would be writable, which takes Linux 5.12 and runc 1.1 to prevent.',
  },
  'session.notFound': { code: 'NOT_FOUND', sentence: 'There is no such session here. It may be over.' },
  'session.tooMany': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'This container has {most} sessions already. Close one and try again.',
  },
  'session.tooManyInEngine': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'This engine has {most} sessions already. Close one and try again.',
  },
  'session.containerPaused': { code: 'CONFLICT', sentence: '{name} is paused.' },
  'session.containerNotRunning': { code: 'CONFLICT', sentence: '{name} is not running.' },
  'session.lost': { code: 'UNAVAILABLE', sentence: 'The command was lost before its end was seen.' },
  'session.notInContainer': { code: 'NOT_FOUND', sentence: 'There is no such terminal session in this container.' },
  'session.needsRunning': { code: 'CONFLICT', sentence: '{name} is {state}; a session needs a running container.' },
  'session.noInput': { code: 'INTERNAL', sentence: 'The session’s input could not be opened.' },
  'log.notReadable': { code: 'UNSUPPORTED', sentence: '{reason}' },
  'log.badCursor': { code: 'INVALID_ARGUMENT', sentence: 'The cursor is not one that this log gave.' },
})
