"""Asks one role whether it is ready, for container health checks.

Usage: python scripts/healthcheck.py (--grpc HOST:PORT | --http URL) [--timeout SECONDS]

Exit code 0 when it is, 1 with one line otherwise. A gRPC server is asked by the standard health protocol, which says SERVING
only when its database answers and its migrations are current.
"""

import argparse
import sys
import urllib.error
import urllib.request


def ask_grpc(address: str, timeout: float) -> str:
    """Returns "" when the server at an address says SERVING, else what it said."""
    import grpc
    from grpc_health.v1 import health_pb2

    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=timeout)
        except grpc.RpcError as error:
            return f"{address}: {error.code().name}"
    status: str = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return "" if status == "SERVING" else f"{address}: {status}"


def ask_http(url: str, timeout: float) -> str:
    """Returns "" when a URL answers 200, else what it answered."""
    if not url.startswith("http://"):
        return f"{url}: give an http:// URL of this container"
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:  # noqa: S310 - the scheme is checked above
            return "" if answer.status == 200 else f"{url}: {answer.status}"
    except urllib.error.HTTPError as error:
        return f"{url}: {error.code}"
    except OSError as error:
        return f"{url}: {type(error).__name__}"


def main(argv: list[str] | None = None) -> int:
    """Asks, prints what is wrong, and returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--grpc", metavar="HOST:PORT", help="a gRPC server with grpc.health.v1")
    target.add_argument("--http", metavar="URL", help="a page that answers 200 when all is well")
    parser.add_argument("--timeout", type=float, default=3.0)
    options = parser.parse_args(argv)
    problem = (
        ask_grpc(options.grpc, options.timeout) if options.grpc else ask_http(options.http, options.timeout)
    )
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
