import { expect, it } from 'vitest'
import { refusedPlace } from './port-holder.ts'

it.each([
  ['Bind for 127.0.0.1:8080 failed: port is already allocated', '127.0.0.1', 8080],
  ['Bind for 0.0.0.0:53 failed: port is already allocated', '0.0.0.0', 53],
  ['Bind for :::8080 failed: port is already allocated', '::', 8080],
  ['listen tcp6 [::1]:8080: bind: address already in use', '::1', 8080],
  ['listen tcp4 127.0.0.2:80: bind: address already in use', '127.0.0.2', 80],
])('reads which place of the host is taken: %s', (words, address, port) => {
  expect(refusedPlace(`driver failed programming external connectivity: ${words}`)).toEqual({ address, port })
})
