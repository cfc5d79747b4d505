import { expect, it } from 'vitest'
import { z } from 'zod'
import { UnknownFields } from './unknown-fields.ts'

const Schema = z.object({
  name: z.string(),
  spec: z.object({ image: z.string(), ports: z.array(z.object({ port: z.number() })) }),
  run: z.object({ pid: z.number() }).nullable(),
  labels: z.array(z.string()).default([]),
})
const raw = {
  ...{ name: 'web', health: 'good' },
  spec: { image: 'x', gpu: 1, ports: [{ port: 80, zone: 'a' }] },
  run: { pid: 1, slice: 'b' },
}

function read() {
  const fields = new UnknownFields<z.infer<typeof Schema>>()
  const parsed = Schema.parse(raw)
  fields.note('web', raw, parsed)
  return { fields, parsed }
}

it('keeps what it does not know beside what changes', () => {
  const { fields, parsed } = read()
  expect(fields.merge('web', { ...parsed, name: 'shop' })).toEqual({ ...raw, name: 'shop', labels: [] })
  const spec = { ...parsed.spec, image: 'y' }
  expect(fields.merge('web', { ...parsed, spec })).toEqual({ ...raw, spec: { ...raw.spec, image: 'y' }, labels: [] })
})

it('lets what is unknown of a part go with the part', () => {
  const { fields, parsed } = read()
  expect(fields.merge('web', { ...parsed, run: null })).toEqual({ ...raw, run: null, labels: [] })
  const spec = { ...parsed.spec, ports: [{ port: 81 }] }
  expect(fields.merge('web', { ...parsed, spec })).toMatchObject({ spec: { gpu: 1, ports: [{ port: 81 }] } })
  fields.forget('web')
  expect(fields.merge('web', parsed)).toEqual(parsed)
})
