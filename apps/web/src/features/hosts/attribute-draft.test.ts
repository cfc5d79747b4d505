import { expect, test } from 'vitest'
import { draftOf, newGroup, newLabel, setsOf } from './attribute-draft.ts'

const host = { groups: ['harbour'], labels: { rack: 'b4', gpu: '' } }

test('a draft that nobody touched means what the host has', () => {
  expect(setsOf(draftOf(host))).toEqual({ ...host, problem: null })
})

test('empty rows and the spaces around a text are left out, and a group twice is one', () => {
  const groups = [newGroup(' west '), newGroup(), newGroup('west')]
  const labels = [newLabel(), newLabel(' tier ', ' front ')]
  expect(setsOf({ groups, labels })).toEqual({ groups: ['west'], labels: { tier: 'front' }, problem: null })
})

test('a label twice and a value without a name are problems', () => {
  const twice = [newLabel('rack', 'b4'), newLabel('rack', 'b5')]
  expect(setsOf({ groups: [], labels: twice }).problem).toEqual({ kind: 'twice', label: 'rack' })
  expect(setsOf({ groups: [], labels: [newLabel('', 'b4')] }).problem).toEqual({ kind: 'unnamed', value: 'b4' })
})
