/// How a server wants to compress, where the client offers permessage-deflate (RFC 7692).
package struct WebSocketCompression: Sendable, Equatable {
    /// Whether our messages may refer to those before them: smaller, for up to 256 KiB per connection from the
    /// first message on. True; the client may ask for less.
    package var serverKeepsHistory = true
    /// Whether the client's may: about 40 KiB per connection from its first message on. True.
    package var clientKeepsHistory = true
    /// The most bits of our window, 9 to 15: 15.
    package var serverWindowBits = 15
    /// The most bits of the client's window, 8 to 15, where the client lets itself be told: 15.
    package var clientWindowBits = 15
    /// 0 (stored) to 9 (smallest): 1, because most messages are short and new to the history.
    package var level = 1
    /// 1 (least memory) to 9: 8.
    package var memoryLevel = 8
    /// Shorter messages are sent as they are, in bytes: 0.
    package var thresholdBytes = 0

    /// The defaults named at each.
    package init() {}
}
