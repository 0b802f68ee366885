/// The messages that all members of a topic get in one pass, with the encoded bytes that the members share. Touched
/// on its loop only.
package final class Batch<Message: Sendable> {
    package let messages: [Message]
    private var encoded: [(encoding: any Encoding<Message>, bytes: [UInt8])] = []

    package init(_ messages: [Message]) {
        self.messages = messages
    }

    /// All messages, encoded in one piece. They are encoded on the first call, because a batch may need none: members
    /// that cannot send all messages in one piece encode each message by itself.
    package func bytes(in encoding: some Encoding<Message>) -> [UInt8] {
        if let known = encoded.first(where: { $0.encoding === encoding }) { return known.bytes }
        let bytes = encoding.encode(messages)
        encoded.append((encoding, bytes))
        return bytes
    }
}

/// A wire format of messages, such as the frames of a WebSocket. Members with the same encoding object share the
/// bytes. If the encoding has a state, such as a compression history, all its members must have received everything
/// that it encoded.
package protocol Encoding<Message>: AnyObject {
    associatedtype Message: Sendable

    /// The messages' bytes, in order.
    func encode(_ messages: [Message]) -> [UInt8]
}
