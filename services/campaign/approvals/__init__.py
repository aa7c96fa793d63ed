"""What WhatsApp decided about contents: handing in, asking, hearing, telling (CAM-94)."""
