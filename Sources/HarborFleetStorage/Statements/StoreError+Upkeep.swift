internal import Logging
internal import StoreCache

extension StoreError {
    /// At which level the log tells that work in the background failed. The pools tell of a database that is away. No
    /// other part tells of a refused statement, so that is worth a warning, once for as long as it says the same.
    /// - Parameter told: the refusal that the log has told of.
    func levelOfUpkeep(told: inout StoreError?) -> Logger.Level {
        guard kind != .unavailable || isRefusal, told != self else { return .debug }
        told = self
        return .warning
    }
}
