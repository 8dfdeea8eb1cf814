import { Button } from '@stampbook/ui'

interface MessageProps {
  text: string
  action?: { label: string; onPress: () => void }
}

/** The whole page says one thing: the till cannot work just now, and what to do. */
export function Message({ text, action }: MessageProps) {
  return (
    <main class="message">
      <p role="status">{text}</p>
      {action && (
        <Button look="primary" size="large" onClick={action.onPress}>
          {action.label}
        </Button>
      )}
    </main>
  )
}
