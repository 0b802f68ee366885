internal import EventLoops
package import FleetAccess
package import HarborFleet

/// Makes the list of the fleets in a reader's scope as a body, in each requested form.
///
/// A server may have thousands of fleets. So their list is filtered, sorted, encoded and compressed off the
/// event loops, once for all readers of one scope that wait at the same time.
package final class FleetLists: Sendable {
    /// The form in which the list is requested.
    package enum Form: Hashable, Sendable {
        case page
        case json(isCompressed: Bool)
    }

    private struct Key: Hashable {
        let form: Form
        /// nil means all.
        let fleets: Set<FleetID>?
    }

    private struct Made {
        let body: CodedBody
        let cold: [FleetID]
    }

    private let overview: FleetOverview
    private let work: SingleFlight<Key, Dated<Result<Made, FleetError>>>

    /// - Parameter makers: runs the making of the lists.
    package init(_ fleets: Fleets, makers: OffLoopWork) {
        overview = FleetOverview(fleets: fleets)
        work = SingleFlight(makers: makers)
    }

    /// The list as `encode` writes it. Trackers that do not run are started first; a fleet whose tracker cannot
    /// start now is listed without counts.
    /// - Parameter form: all callers of one form must give the same `encode`.
    package func body(
        of scope: Scope, as form: Form, encode: @Sendable ([FleetOverview.Line]) -> CodedBody
    ) async throws -> CodedBody {
        let key = Key(form: form, fleets: scope.fleets)
        let made = try await made(key, scope, encode)
        // Empty nearly always, since nearly always all trackers run.
        guard !made.cold.isEmpty else { return made.body }
        await withTaskExecutorPreference(globalConcurrentExecutor) { await overview.start(made.cold) }
        return try await self.made(key, scope, encode).body
    }

    private func made(
        _ key: Key, _ scope: Scope, _ encode: @Sendable ([FleetOverview.Line]) -> CodedBody
    ) async throws -> Made {
        let made = try await work.fresh(for: key) { [overview] in
            do throws(FleetError) {
                let listing = try await overview.listing(of: scope)
                return Result<Made, FleetError>.success(
                    Made(body: encode(listing.lines), cold: listing.cold))
            } catch {
                return .failure(error)
            }
        }
        return try made.get()
    }
}

extension Scope {
    /// The fleets that the reader may see; nil for all.
    fileprivate var fleets: Set<FleetID>? {
        switch self {
        case .all: nil
        case .fleets(let fleets): fleets
        }
    }
}
