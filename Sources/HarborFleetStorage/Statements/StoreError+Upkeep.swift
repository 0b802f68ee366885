internal import Logging
internal import StoreCache

extension StoreError {
    /// The level at which a failure of background work is logged. The pools already report an unavailable database.
    /// No other part reports a refused statement, so it is a warning, once while the error stays the same.
    /// - Parameter told: the refusal that was logged last.
    func levelOfUpkeep(told: inout StoreError?) -> Logger.Level {
        guard kind != .unavailable || isRefusal, told != self else { return .debug }
        told = self
        return .warning
    }
}
