/// A peer broke the protocol or a limit: send a close frame of `closeCode`, then close.
package struct WebSocketError: Error, Sendable, Equatable {
    /// The code for the close frame.
    package let closeCode: CloseCode
    /// One sentence for log and close reason, below 124 bytes; holds nothing that the peer sent.
    package let detail: String

    /// An error that closes with a code.
    package init(_ closeCode: CloseCode, _ detail: String) {
        self.closeCode = closeCode
        self.detail = detail
    }
}
