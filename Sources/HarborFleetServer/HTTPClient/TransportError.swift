/// The connection is gone or never came to be: nothing was answered.
struct TransportError: Error, Equatable {
    var detail: String

    init(_ detail: String) {
        self.detail = detail
    }
}
