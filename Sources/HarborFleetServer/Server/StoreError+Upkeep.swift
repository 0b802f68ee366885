internal import HarborFleet
internal import Logging

extension StoreError {
    /// At which level the log tells that work in the background failed. A database that is away is told by the pools; one
    /// that refuses a statement is told by nobody else, so it is worth a warning, once for as long as it says the same.
    /// - Parameter told: the refusal that the log has told of.
    func levelOfUpkeep(told: inout StoreError?) -> Logger.Level {
        guard kind != .unavailable || isRefusal, told != self else { return .debug }
        told = self
        return .warning
    }
}
