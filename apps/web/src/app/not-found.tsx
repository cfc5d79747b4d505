export default function NotFound() {
  return <p>nf</p>
}
