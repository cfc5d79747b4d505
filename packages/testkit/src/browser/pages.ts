/** The ids of what the pages show. */
export interface Places {
  container: string
  image: string
  host: string
}

const tab = (name: string) => (places: Places) => `/containers/${places.container}?tab=${name}`

/** Every page of somebody who is signed in, by the name of its picture, with its address. */
export const pages: Record<string, (places: Places) => string> = {
  overview: () => '/',
  containers: () => '/containers',
  'container-summary': tab('summary'),
  'container-logs': tab('logs'),
  'container-terminal': tab('terminal'),
  'container-usage': tab('usage'),
  'container-kernel': tab('kernel'),
  'container-json': tab('json'),
  run: () => '/containers/new',
  images: () => '/images',
  image: ({ image }) => `/images/${image}`,
  pull: () => '/images?pull=1',
  hosts: () => '/hosts',
  host: ({ host }) => `/hosts/${host}`,
}
