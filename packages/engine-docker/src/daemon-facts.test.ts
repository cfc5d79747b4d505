import { expect, it } from 'vitest'
import { factsOf } from './daemon-facts.ts'
import { InfoAnswer, VersionAnswer } from './docker-answers.ts'

const version = VersionAnswer.parse({ Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12', Components: [] })

it.each([
  ['overlay2', 'extfs', false],
  ['overlay2', 'xfs', true],
  ['btrfs', undefined, true],
  ['vfs', undefined, false],
])('takes limits of storage with the driver %s on %s: %s', (Driver, backing, takes) => {
  const DriverStatus = backing === undefined ? [] : [['Backing Filesystem', backing]]
  const { absences } = factsOf('docker', version, InfoAnswer.parse({ Driver, DriverStatus }))
  const why = absences['containers.create.storageLimit']
  expect(why === undefined).toBe(takes)
  if (!takes) expect(why?.params).toEqual({ driver: backing === undefined ? Driver : `${Driver} on ${backing}` })
})
