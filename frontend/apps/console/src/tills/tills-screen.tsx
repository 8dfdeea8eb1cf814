import { Heading } from '../shell/states.tsx'

export function TillsScreen() {
  return <div class="page"><Heading title="" /></div>
}
