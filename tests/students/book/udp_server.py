# udp_server.py - the textbook's UDP server: sends each datagram back in upper case.
import os
from socket import AF_INET, SOCK_DGRAM, socket

server_port = int(os.environ.get('PROTOLAB_PORT', '12000'))
server_socket = socket(AF_INET, SOCK_DGRAM)
server_socket.bind(('', server_port))
print('The server is ready to receive', flush=True)
while True:
    message, client_address = server_socket.recvfrom(2048)
    modified_message = message.decode().upper()
    server_socket.sendto(modified_message.encode(), client_address)
