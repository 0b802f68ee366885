import Synchronization

/// Counts the results of a simulation and reports each change.
package final class SimulationProgress: Sendable {
    private let counted: Mutex<SimulationTotals>
    private let onChange: @Sendable (SimulationTotals) -> Void
    private let onNote: @Sendable (String) -> Void

    /// - Parameters:
    ///   - onChange: called after each POST with the totals.
    ///   - onNote: called with a sentence about each retry and each rejection.
    package init(
        leftOut: Int = 0, onChange: @escaping @Sendable (SimulationTotals) -> Void = { _ in },
        onNote: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        var totals = SimulationTotals()
        totals.leftOut = leftOut
        counted = Mutex(totals)
        self.onChange = onChange
        self.onNote = onNote
    }

    package var totals: SimulationTotals { counted.withLock { $0 } }

    /// Counts a POST that is about to be repeated.
    package func retrying(_ reason: String) {
        change { $0.retries += 1 }
        onNote(reason)
    }

    /// - Parameter name: the name in messages of the fix at an index of the POST.
    func answered(_ response: IngestResponse, fixes: Int, name: (Int) -> String) {
        change { totals in
            totals.sent += fixes
            totals.accepted &+= response.accepted
            totals.duplicates &+= response.duplicates
            totals.rejected += response.isNoneValid ? fixes : response.rejections.count
        }
        let byDetail = Self.byDetail(response.rejections) { $0 < fixes ? name($0) : "a fix" }
        for (detail, rejected) in byDetail { onNote("rejected \(rejected.list): \(detail)") }
    }

    /// Groups rejections by their detail: fixes with the same fault share a message.
    private static func byDetail(
        _ rejections: [IngestResponse.Rejection], _ name: (Int) -> String
    ) -> [(detail: String, rejected: Examples)] {
        rejections.reduce(into: []) { groups, rejection in
            let index = groups.firstIndex { $0.detail == rejection.detail } ?? groups.count
            if index == groups.count { groups.append((rejection.detail, Examples())) }
            groups[index].rejected.add(rejection.index.map(name) ?? "a fix")
        }
    }

    func failed(fixes: Int, because error: SimulatorError) {
        change { totals in
            totals.sent += fixes
            totals.errors += 1
        }
        onNote("\(error)")
    }

    private func change(_ body: (inout SimulationTotals) -> Void) {
        let totals = counted.withLock { totals in
            body(&totals)
            return totals
        }
        onChange(totals)
    }
}
