/// Messages that go to all members of a topic in one pass, and the bytes that the members share. Touched on its loop
/// only.
package final class Batch<Message: Sendable> {
    package let messages: [Message]
    private var encoded: [(encoding: any Encoding<Message>, bytes: [UInt8])] = []

    package init(_ messages: [Message]) {
        self.messages = messages
    }

    /// All messages in one piece; made with the first member that takes them so. Many cannot, and take each message for
    /// itself.
    package func bytes(in encoding: some Encoding<Message>) -> [UInt8] {
        if let known = encoded.first(where: { $0.encoding === encoding }) { return known.bytes }
        let bytes = encoding.encode(messages)
        encoded.append((encoding, bytes))
        return bytes
    }
}

/// A wire format of the messages, such as the frames of a WebSocket. Members with the same object share the bytes, so
/// an encoding with a state of its own, such as a history of compression, is made for members that have seen all of it.
package protocol Encoding<Message>: AnyObject {
    associatedtype Message: Sendable

    /// The messages' bytes, in order.
    func encode(_ messages: [Message]) -> [UInt8]
}
