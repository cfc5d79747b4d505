import { expect, it } from 'vitest'
import { runtimeError } from './runc.ts'

const process = 'exec failed: unable to start container process: '

it.each([
  [`${process}exec: "": executable file not found in $PATH`, 'container.noProgram'],
  [`${process}exec: "nope": executable file not found in $PATH`, 'container.noProgram'],
  [`${process}exec: "/nope": stat /nope: no such file or directory`, 'container.noProgram'],
  [`${process}exec: "/etc": is a directory`, 'container.notExecutable'],
  [
    `${process}chdir to cwd ("/proc/nope") set in config.json failed: no such file or directory`,
    'container.workingDirUnentered',
  ],
  [
    'runc create failed: unable to start container process: error during container init: mkdir /proc/nope: no such file or directory',
    'container.workingDirUnentered',
  ],
  ['exec failed: cannot exec in a stopped container', 'container.stopped'],
  ['cannot start a container that has stopped', 'container.stopped'],
  ['container does not exist', 'container.stopped'],
  ['container not running', 'container.stopped'],
  ['something else was not found', 'runtime.failed'],
])('says in our words what the runtime means by "%s"', (msg, kind) => {
  expect(runtimeError(`${JSON.stringify({ level: 'error', msg })}\n`).kind).toBe(kind)
})
