import Link from 'next/link'
export default function P() {
  return (
    <div>
      <h1>home</h1>
      <Link href="/containers/abc">abc</Link> <Link href="/containers/def">def</Link> <Link href="/images">images</Link>
    </div>
  )
}
