/// A server's compression settings, for clients that offer permessage-deflate (RFC 7692).
package struct WebSocketCompression: Sendable, Equatable {
    /// Whether our messages may refer to earlier ones. That makes them smaller, but costs up to 256 KiB per connection
    /// from the first message on. Default true; the client may refuse it.
    package var serverKeepsHistory = true
    /// Whether the client's messages may do so, which costs about 40 KiB per connection from its first message on.
    /// Default true.
    package var clientKeepsHistory = true
    /// The most bits of our window, 9 to 15. Default 15.
    package var serverWindowBits = 15
    /// The most bits of the client's window, 8 to 15, if the client lets the server set it. Default 15.
    package var clientWindowBits = 15
    /// The compression level, 0 (stored) to 9 (smallest). Default 1, because most messages are short and have little in
    /// common with the history.
    package var level = 1
    /// zlib's memory level, 1 (least memory) to 9. Default 8.
    package var memoryLevel = 8
    /// Messages of fewer bytes are sent uncompressed. Default 0.
    package var thresholdBytes = 0

    /// Makes settings with the defaults named at each property.
    package init() {}
}
