import { expect, it } from 'vitest'
import { Container, ContainerCreateInput, ContainerSpec } from './container.ts'

it('no container is made under what reads like an id, and one that has such a name is read', () => {
  const name = '0a'.repeat(32)
  const refused = ContainerCreateInput.safeParse({ image: 'web', name })
  expect(refused.error?.issues).toMatchObject([{ path: ['name'], message: 'container.nameIsId' }])
  for (const other of [name.slice(1), `${name}0`, name.toUpperCase(), 'deadbeefcafe']) {
    expect(ContainerCreateInput.parse({ image: 'web', name: other })).toMatchObject({ name: other })
  }
  expect(ContainerSpec.parse({ image: 'web', name })).toMatchObject({ name })
  expect(Container.shape.name.parse(name)).toBe(name)
})
