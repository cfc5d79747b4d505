import type { FleetImage } from '@flotilla/protocol'
import { Boxes, Download } from 'lucide-react'
import { imageName } from '../../format/image-name.ts'
import type { NounSpec } from '../noun-spec.ts'

export const images = {
  place: 20,
  kind: 'image',
  name: 'images',
  icon: Boxes,
  key: 'i',
  isScoped: true,
  hasSiblings: false,
  begin: { href: '/images?pull=1', icon: Download, permission: 'images.pull' },
  title: (image: FleetImage) => imageName(image),
} as const satisfies NounSpec
