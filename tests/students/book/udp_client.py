# udp_client.py - the textbook's UDP client: reads a line, sends it as one datagram, prints the
# reply.
import os
from socket import AF_INET, SOCK_DGRAM, socket

server_name = os.environ.get('PROTOLAB_HOST', '127.0.0.1')
server_port = int(os.environ.get('PROTOLAB_PORT', '12000'))
client_socket = socket(AF_INET, SOCK_DGRAM)
message = input('Input lowercase sentence:')
client_socket.sendto(message.encode(), (server_name, server_port))
modified_message, server_address = client_socket.recvfrom(2048)
print(modified_message.decode())
client_socket.close()
