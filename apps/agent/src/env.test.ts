import { expect, it } from 'vitest'
import { readEnv } from './env.ts'

it('looks for every engine unless it is told which', () => {
  const engines = (setting?: string) => [...readEnv({ NODE_ENV: 'test', FLOTILLA_ENGINES: setting }).engines]
  expect(engines()).toEqual(['oci', 'docker'])
  expect(engines('')).toEqual(['oci', 'docker'])
  expect(engines('docker, oci')).toEqual(['oci', 'docker'])
  expect(engines('oci')).toEqual(['oci'])
  expect(() => engines('oci,dcoker')).toThrow(/FLOTILLA_ENGINES names dcoker, .* oci,docker\.$/)
})
