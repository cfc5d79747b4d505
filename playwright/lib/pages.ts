/** Every page, with real things on it. The container's are those of the one called `web`. */
export function pagesOf(containerId: string, imageId: string, hostId: string): Record<string, string> {
  const container = `/containers/${containerId}`
  return {
    overview: '/',
    containers: '/containers',
    'container-summary': `${container}?tab=summary`,
    'container-logs': `${container}?tab=logs`,
    'container-terminal': `${container}?tab=terminal`,
    'container-usage': `${container}?tab=usage`,
    'container-kernel': `${container}?tab=kernel`,
    'container-json': `${container}?tab=json`,
    run: '/containers/new',
    images: '/images',
    image: `/images/${imageId}`,
    pull: '/images?pull=1',
    hosts: '/hosts',
    host: `/hosts/${hostId}`,
  }
}
