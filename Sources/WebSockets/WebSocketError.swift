/// The peer broke the protocol or exceeded a limit. The connection must send a close frame with `closeCode` and close.
package struct WebSocketError: Error, Sendable, Equatable {
    /// The code for the close frame.
    package let closeCode: CloseCode
    /// One sentence for the log and the close reason, below 124 bytes. It contains nothing that the peer sent.
    package let detail: String

    /// Makes an error with its close code and one sentence.
    package init(_ closeCode: CloseCode, _ detail: String) {
        self.closeCode = closeCode
        self.detail = detail
    }
}
