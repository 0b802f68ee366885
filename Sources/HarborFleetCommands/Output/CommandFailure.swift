internal import StoreCache

/// Why a command failed, in words for the person who ran it.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Describes a store's refusal in terms of the command's subject.
    /// - Parameter subject: e.g. `fleet 'harbor-north'`.
    init(_ error: StoreError, about subject: String) {
        switch error.kind {
        case .alreadyExists: description = "\(subject) exists already"
        case .notFound: description = "\(subject): \(error.detail)"
        case .rejected, .notYet: description = "\(subject) was refused: \(error.detail)"
        case .unavailable where error.isRefusal: description = "the database refused it: \(error.detail)"
        case .unavailable: description = "the database cannot be reached: \(error.detail)"
        }
    }
}
