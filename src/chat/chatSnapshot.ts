import type { AttachmentView, ConversationView, MessageView } from '../protocol/webview';
import type { Attachment } from './chatApi';
import type { Conversation, Message } from './conversation';

/** A conversation as the page shows it. */
export function conversationView(
  conversation: Conversation,
  view: (attachment: Attachment) => AttachmentView,
): ConversationView {
  const { id, title, updated, messages, memory } = conversation;
  return { id, title, updated, messages: messages.map(messageView) };

  function messageView(message: Message): MessageView {
    if (message.role === 'user') {
      const begins = message.id === memory?.firstMessageId;
      return {
        role: 'user',
        id: message.id,
        text: message.text,
        attachments: message.attachments.map(view),
        ...(begins && {
          memoryBegins: {
            droppedTurns: memory.droppedTurns,
            rereadTokens: memory.rereadTokens,
            rereadSeconds: memory.rereadSeconds,
          },
        }),
      };
    }
    const { role, text, thought, thoughtSeconds, status, stats } = message;
    return { role, id: message.id, text, thought, thoughtSeconds, status, stats };
  }
}
