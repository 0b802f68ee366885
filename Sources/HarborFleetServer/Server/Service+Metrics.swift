internal import EventLoops
internal import HarborFleet
internal import Supervision
internal import Telemetry

/// Services that only measure what has no service of its own.
extension Service {
    /// - Parameters:
    ///   - name: the metrics' names but for their ends.
    ///   - help: what they mean.
    static func lane(
        _ lane: ColdLane, _ name: String, of help: (waiting: String, refused: String)
    ) -> Service {
        let (waiting, refused) = (name + "_waiting", name + "_refused_total")
        return Service(metrics: [waiting: help.waiting, refused: help.refused]) {
            $0.gauge(waiting, Double(lane.waiting))
            $0.counter(refused, Double(lane.refused.all), labels: [("cause", "all")])
            $0.counter(refused, Double(lane.refused.share), labels: [("cause", "share")])
        }
    }

    /// What clients can fill.
    static func caches(_ uses: @escaping @Sendable () -> [(name: String, use: CacheUse)]) -> Service {
        Service(metrics: [
            "harbor_cache_keys": "Keys that are held, by cache.",
            "harbor_cache_evicted_total": "Keys that had to go for others, by cache.",
        ]) {
            for (name, use) in uses() {
                $0.gauge("harbor_cache_keys", Double(use.count), labels: [("cache", name)])
                $0.counter("harbor_cache_evicted_total", Double(use.evictions), labels: [("cache", name)])
            }
        }
    }

    /// - Parameter loops: by number, or by what they do.
    static func loops(_ loops: [(name: String, loop: EventLoop)]) -> Service {
        Service(metrics: [
            "harbor_loop_turn_seconds":
                "CPU time of one turn of an event loop, by loop: the number of one that serves requests, or recorder."
        ]) {
            for (name, loop) in loops {
                let turns = loop.turnTimes
                $0.histogram(
                    "harbor_loop_turn_seconds", bounds: TurnTimes.bounds.map { Double($0) / 1e9 },
                    counts: turns.buckets, sum: Double(turns.nanoseconds) / 1e9, labels: [("loop", name)])
            }
        }
    }
}
