"""The console: pages by which operators see what happens, and act; every figure and every act is an RPC of their own."""
