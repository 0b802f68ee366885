/// The connection is gone or never came to be: nothing was answered.
package struct TransportError: Error, Equatable {
    package var detail: String

    init(_ detail: String) {
        self.detail = detail
    }
}
