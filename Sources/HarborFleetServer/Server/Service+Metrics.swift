internal import EventLoops
internal import StoreCache
internal import Supervision

/// Services that only collect metrics, for parts that have no service of their own.
extension Service {
    /// - Parameters:
    ///   - name: the common beginning of the metrics' names.
    ///   - help: the metrics' help texts.
    static func lane(
        _ lane: ColdLane, _ name: String, of help: (waiting: String, refused: String)
    ) -> Service {
        Service {
            $0.gauge(name + "_waiting", Double(lane.waiting), help.waiting)
            let refused = lane.refused
            for (cause, count) in [("all", refused.all), ("share", refused.share)] {
                $0.counter(name + "_refused_total", Double(count), help.refused, labels: [("cause", cause)])
            }
        }
    }

    /// Metrics of the caches that clients can fill.
    static func caches(_ uses: @escaping @Sendable () -> [(name: String, use: CacheUse)]) -> Service {
        Service {
            for (name, use) in uses() {
                let labels = [("cache", name)]
                $0.gauge(
                    "harbor_cache_keys", Double(use.count), "Keys in a cache, by cache.", labels: labels)
                $0.counter(
                    "harbor_cache_evicted_total", Double(use.evictions),
                    "Keys evicted to make room for others, by cache.", labels: labels)
            }
        }
    }

    /// - Parameter loops: each with its number or its role.
    static func loops(_ loops: [(name: String, loop: EventLoop)]) -> Service {
        Service {
            for (name, loop) in loops {
                let turns = loop.turnTimes
                $0.histogram(
                    "harbor_loop_turn_seconds", bounds: TurnTimes.bounds.map { Double($0) / 1e9 },
                    counts: turns.buckets, sum: Double(turns.nanoseconds) / 1e9,
                    "CPU time of one turn of an event loop, by loop: its number, or recorder.",
                    labels: [("loop", name)])
            }
        }
    }
}
