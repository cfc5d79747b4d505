type Call = (...input: unknown[]) => unknown

/** A client whose calls go through `wrap`, which is handed the full name of each, `containers.create`. */
export function wrapClient<Client extends object>(client: Client, wrap: (name: string, call: Call) => Call): Client {
  const verbs = (plural: string, noun: object): object =>
    new Proxy(noun, {
      get(target, verb) {
        const call: unknown = Reflect.get(target, verb)
        return typeof call === 'function' ? wrap(`${plural}.${String(verb)}`, call as Call) : call
      },
    })
  return new Proxy(client, {
    get(target, name) {
      const noun: unknown = Reflect.get(target, name)
      return typeof noun === 'object' && noun !== null ? verbs(String(name), noun) : noun
    },
  })
}
