package import Endpoint
package import FleetAccess
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
package import Logging
internal import StoreCache

/// Turns whatever is thrown on the way of a request into its problem+json. The one place where errors become
/// answers; what nobody expected is a 500 that names nothing, and a log line, as is a POST that the database refuses.
package enum ErrorMapping {
    /// The `ErrorResponder` of a listener that takes no fixes.
    package static func responder(logger: Logger) -> ErrorResponder {
        responder(logger: logger, refusals: nil)
    }

    /// The `ErrorResponder` of a listener that takes fixes. Make it once: it remembers which refusals were logged.
    package static func responder(
        logger: Logger, fleets: Fleets, keys: PartnerKeys
    ) -> ErrorResponder {
        let refusals = IngestRefusals(
            logger: logger, isKnown: { fleets.knows($0) },
            endedSecret: { [ended = EndedSecrets(keys: keys)] in await ended.secret(behind: $0) })
        return responder(logger: logger, refusals: refusals)
    }

    /// - Parameter refusals: hears of POSTs of fixes that are answered 401.
    private static func responder(logger: Logger, refusals: IngestRefusals?) -> ErrorResponder {
        let originRefusals = OriginRefusals(logger: logger)
        let stores = StoreRefusals(logger: logger)
        return { error, requestID in
            let problem = problem(of: error)
            stores.note(error, requestID: requestID)
            if let refusal = error as? IngestRefusal { refusals?.note(refusal, requestID: requestID) }
            if let refusal = error as? OriginRefusal { originRefusals.note(refusal, requestID: requestID) }
            if case EndpointError.upgradeLost = error { originRefusals.noteLostUpgrade(requestID: requestID) }
            if problem.status == .internalServerError || problem == .notStorable {
                let metadata: Logger.Metadata = ["request_id": "\(requestID)", "error": "\(error)"]
                logger.error("a request failed", metadata: metadata)
            }
            return problem.response(requestID: requestID)
        }
    }

    static func problem(of error: any Error) -> Problem {
        switch error {
        case let error as Problem: error
        case is IngestRefusal: .badSignature
        case let error as OriginRefusal: error.problem
        case let error as EndpointError: problem(of: error)
        case let error as RequestError: problem(of: error)
        case let error as FixBatchError: problem(of: error)
        case let error as RateLimited:
            .rateLimited(limit: error.limit.rawValue, retryAfter: error.retryAfter.wholeSeconds)
        case let error as FleetError: problem(of: error)
        case let error as TooManySignIns: .tooManySignIns(retryAfter: error.retryAfter)
        case is OffLoopWork.Overloaded:
            .unavailable("The server has too much to compute at present. Retry shortly.", retryAfter: 1)
        case let error as StoreError: problem(of: error)
        default: internalError
        }
    }

    private static let internalError = Problem(
        .internalServerError, "internal",
        detail: "The server failed to answer. The request id finds the reason in its log.")

    /// The fields that the status asks for are the endpoint's own doing.
    private static func problem(of error: EndpointError) -> Problem {
        Problem(error.status, kind(of: error.status), detail: "\(error)")
    }

    private static func problem(of error: RequestError) -> Problem {
        Problem(error.status, kind(of: error.status), detail: error.detail)
    }

    /// `Method Not Allowed` as `method-not-allowed`.
    private static func kind(of status: HTTPResponse.Status) -> String {
        status.reasonPhrase.lowercased().replacing(" ", with: "-")
    }

    private static func problem(of error: FixBatchError) -> Problem {
        switch error {
        case .malformed(let offset, let error):
            Problem(
                .badRequest, "malformed-json",
                detail: "The body is not JSON that is taken: \(error.detail) at byte \(offset).",
                errors: [.init(pointer: error.pointer, detail: error.detail)])
        case .invalid(let error):
            // The empty pointer is that of the whole body.
            Problem(
                .unprocessableContent, "invalid-fixes",
                detail:
                    "The body is not taken: \(error.pointer.isEmpty ? "it" : error.pointer) \(error.detail).",
                errors: [.init(pointer: error.pointer, detail: error.detail)])
        case .allRejected:
            Problem(
                .unprocessableContent, "invalid-fixes", detail: "No fix of the body is valid.",
                errors: error.fieldErrors.prefix(Problem.maximumErrors).map {
                    .init(pointer: $0.pointer, detail: $0.detail)
                })
        }
    }

    private static func problem(of error: FleetError) -> Problem {
        switch error {
        case .unknownFleet: .unknownFleet
        case .quarantined(let retryAfter):
            .unavailable(
                "This fleet failed too often and is left alone for a while.",
                retryAfter: retryAfter.wholeSeconds)
        case .unavailable(let retryAfter, let reason):
            .unavailable(
                sentence(reason) ?? "The fleet cannot be served at present.",
                retryAfter: retryAfter.wholeSeconds)
        case .overloaded(let retryAfter):
            .unavailable("Too much waits to be stored.", retryAfter: retryAfter.wholeSeconds)
        case .noPlaceYet(let retryAfter):
            .unavailable(
                "There is no place for fixes of that day yet; it is being made.",
                retryAfter: retryAfter.wholeSeconds)
        case .allRejected(let rejected, _): problem(of: FixBatchError.allRejected(rejected, ignored: []))
        case .notStorable: .notStorable
        case .refused: internalError
        }
    }

    private static func sentence(_ reason: String?) -> String? {
        reason.map { "\($0.prefix(1).uppercased())\($0.dropFirst()). Retry later." }
    }

    private static func problem(of error: StoreError) -> Problem {
        switch error.kind {
        case .unavailable where error.isBusy:
            .unavailable("Too much waits for the database. Retry shortly.", retryAfter: 1)
        case .unavailable, .notYet:
            .unavailable(
                sentence(error.reason) ?? "The database does not answer at present.", retryAfter: 1)
        case .notFound: .unauthorized
        case .rejected, .alreadyExists: internalError
        }
    }
}

extension Duration {
    /// Whole seconds, rounded up, for Retry-After.
    var wholeSeconds: Int {
        Int(clamping: components.seconds) &+ (components.attoseconds > 0 ? 1 : 0)
    }
}
