import { expectLinear } from '@flotilla/testkit/linear'
import { describe, expect, it } from 'vitest'
import { redactSecrets, redactText } from './redact.ts'

const hidden = '[redacted]'
const env = (...entries: string[]) => redactSecrets({ Env: entries }).Env

describe('redactSecrets', () => {
  it('hides variables with secret-like names, in lists and in records', () => {
    expect(env('DB_PASSWORD=a=b,c d', 'api_key=x', 'GITHUB_TOKEN=x', 'AUTHORIZATION=x', 'MYSQL_PWD=x')).toEqual([
      ...[`DB_PASSWORD=${hidden}`, `api_key=${hidden}`, `GITHUB_TOKEN=${hidden}`],
      ...[`AUTHORIZATION=${hidden}`, `MYSQL_PWD=${hidden}`],
    ])
    expect(redactSecrets({ spec: { env: { CLIENT_SECRET: 'x', PLAIN: 'yes' } } })).toEqual({
      spec: { env: { CLIENT_SECRET: hidden, PLAIN: 'yes' } },
    })
  })

  it('leaves what is none', () => {
    const plain = {
      Env: ['PATH=/bin', 'PWD=/', 'EMPTY='],
      Labels: { 'org.opencontainers.image.authors': 'Ada', team: 'shop' },
      MaskedPaths: ['/proc/keys'],
      Tmpfs: { '/run/secrets': 'rw,size=1m' },
      Args: ['-c', 'echo a=b, and http://host:80/@here'],
      ConsoleSize: [0, 0],
      KeyCount: 3,
      Token: '',
      Links: null,
      ReadOnly: true,
    }
    expect(redactSecrets(plain)).toEqual(plain)
  })

  it('hides labels, log driver options and what a registry is asked with', () => {
    const document = {
      Labels: { 'api-token': 'x' },
      HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': 'x', 'splunk-url': 'https://log' } } },
      AuthConfig: { username: 'ada', password: 'x', identitytoken: 'x', auth: 'x' },
    }
    expect(redactSecrets(document)).toEqual({
      Labels: { 'api-token': hidden },
      HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': hidden, 'splunk-url': 'https://log' } } },
      AuthConfig: { username: 'ada', password: hidden, identitytoken: hidden, auth: hidden },
    })
  })

  it('hides secrets inside of texts: options of a mount, arguments, passwords of addresses', () => {
    expect(redactSecrets({ o: 'addr=10.0.0.1,password=x,username=ada' })).toEqual({
      o: `addr=10.0.0.1,password=${hidden},username=ada`,
    })
    expect(env('OPTS=-Xmx1g -Ddb.password=x -Da=b', 'DATABASE_URL=postgres://app:hunter2@db:5432/shop')).toEqual([
      `OPTS=-Xmx1g -Ddb.password=${hidden} -Da=b`,
      `DATABASE_URL=postgres://app:${hidden}@db:5432/shop`,
    ])
    expect(redactSecrets({ Args: ['serve', '--token=x'] })).toEqual({ Args: ['serve', `--token=${hidden}`] })
  })

  it('hides what follows an option with such a name, as a word and inside of a text', () => {
    expect(redactSecrets({ Args: ['serve', '--token', 'x', '--verbose', 'y'] })).toEqual({
      Args: ['serve', '--token', hidden, '--verbose', 'y'],
    })
    const plain = { Args: ['--key', '--auth', '-v', '--no-auth', 'x', 'key', 'x'] }
    expect(redactSecrets(plain)).toEqual(plain)
    expect(redactText(`sh -c "login --password 'a b' --user ada"`)).toBe(
      `sh -c "login --password ${hidden} --user ada"`,
    )
  })

  it('hides whole values in quotes, members of JSON and headers', () => {
    expect(redactText(`export TOKEN='a b; c'; run TOKEN=x`)).toBe(`export TOKEN=${hidden}; run TOKEN=${hidden}`)
    expect(redactText('serve {"user":"ada","password": "a b"}')).toBe(`serve {"user":"ada","password": "${hidden}"}`)
    expect(redactText(String.raw`{\"apiKey\":\"x\",\"a\":\"b\"}`)).toBe(
      String.raw`{\"apiKey\":\"${hidden}\",\"a\":\"b\"}`,
    )
    expect(redactText(`curl -H 'Authorization: Bearer abc' -H "X-Api-Key: d" http://x`)).toBe(
      `curl -H 'Authorization: ${hidden}' -H "X-Api-Key: ${hidden}" http://x`,
    )
    for (const plain of ['quay.io/keycloak/keycloak:24', 'keycloak:24', 'The key: none was found. Give one.']) {
      expect(redactText(plain)).toBe(plain)
    }
  })

  it('hides values with spaces in the steps that built an image', () => {
    const step = '/bin/sh -c #(nop)  ENV PATH=/bin DB_PASSWORD=correct horse LANG=C'
    expect(redactText(step)).toBe(`/bin/sh -c #(nop)  ENV PATH=/bin DB_PASSWORD=${hidden} LANG=C`)
    expect(redactText('LABEL db.token=a b')).toBe(`LABEL db.token=${hidden}`)
  })

  it.each([
    ...['a-', '-key', 'x-auth', '_pwd', 'token=', 'token="', '--token ', '--token "', "'", '://a:', '"key":"'],
    ...[String.raw`"key":\"`, '"key"  ', 'key":\n', ' k=', 'x-key: ', 'cookie:\n', ' '],
  ])('takes as long as the text is, of many %j', (piece) => {
    expectLinear(piece, (text) => redactText(`ENV "key":"cookie: ${text}`))
    expectLinear(piece, (text) => redactText(`${text} token`))
  })

  it('takes as long as the document is', () => {
    expectLinear('--key ', (text) => redactSecrets({ Args: text.split(' '), Labels: { [text]: text } }))
  })

  it('changes nothing in the document itself', () => {
    const document = { Config: { Env: ['TOKEN=x'] } }
    redactSecrets(document)
    expect(document).toEqual({ Config: { Env: ['TOKEN=x'] } })
  })
})
